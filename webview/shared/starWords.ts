/** `no stars`, `1 star`, `3 stars` */
export function starWords(rating: number): string {
  if (rating === 0) return 'no stars';
  return rating === 1 ? '1 star' : `${rating} stars`;
}
