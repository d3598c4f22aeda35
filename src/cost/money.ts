/** Micro-dollars as dollars and cents. */
export function usdOf(microUsd: number): string {
  return (microUsd / 1_000_000).toFixed(2);
}
