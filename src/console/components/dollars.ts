/** Micro-dollars in dollars and cents. */
export const dollars = (micro: number): string => `$${(micro / 1_000_000).toFixed(2)}`;
