/** Where a damaged file can be had from; the roots are named as commands take them. */
export function wholeCopies(copies: readonly { readonly root: string; readonly path: string }[]): string {
  const [first, ...more] = copies.map(({ root, path }) => `${root}: ${path}`);
  if (first === undefined) return 'No other root is known to hold it whole; a backup may.';
  return more.length === 0 ? `A whole copy is in ${first}.` : `Whole copies are in ${[first, ...more].join(', ')}.`;
}
