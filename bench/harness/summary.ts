export interface Summary {
  median: number;
  min: number;
  max: number;
}

/** Median and spread of several rounds, rounded to three digits after the point. */
export function summary(values: readonly number[]): Summary {
  return {
    median: rounded(percentile(values, 50)),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
  };
}

/** The nearest-rank percentile; NaN of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1);
  const middle = sorted[rank] ?? Number.NaN;
  if (percent !== 50 || sorted.length % 2 === 1) return middle;
  return (middle + (sorted[rank + 1] ?? middle)) / 2;
}

export function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}
