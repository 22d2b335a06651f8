/** What a person reads for a root: `Local` and `Lake` for the two main ones, else the name that was given. */
export function rootTitle(name: string): string {
  if (name === 'local') return 'Local';
  if (name === 'lake') return 'Lake';
  return name;
}
