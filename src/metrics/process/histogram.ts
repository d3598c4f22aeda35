import type { Family, Sample } from "../format.ts";

export interface Histogram {
  observe(labels: Readonly<Record<string, string>>, seconds: number): void;
  family(): Family;
}

export interface HistogramOptions {
  name: string;
  help: string;
  /** Upper bounds in seconds, ascending. */
  buckets: readonly number[];
}

interface Series {
  labels: Readonly<Record<string, string>>;
  counts: number[];
  sum: number;
}

/** Counts durations by labels since the process started; the caller keeps the labels' values few. */
export function createHistogram({ name, help, buckets }: HistogramOptions): Histogram {
  const series = new Map<string, Series>();
  return {
    observe(labels, seconds) {
      const key = JSON.stringify(labels);
      let found = series.get(key);
      if (!found) {
        found = { labels, counts: Array.from({ length: buckets.length + 1 }, () => 0), sum: 0 };
        series.set(key, found);
      }
      const at = buckets.findIndex((bound) => seconds <= bound);
      const bucket = at === -1 ? buckets.length : at;
      found.counts[bucket] = (found.counts[bucket] ?? 0) + 1;
      found.sum += seconds;
    },
    family: () => ({
      name,
      type: "histogram",
      help,
      samples: [...series.values()].flatMap((one) => samplesOf(one, buckets)),
    }),
  };
}

function samplesOf({ labels, counts, sum }: Series, buckets: readonly number[]): Sample[] {
  let total = 0;
  const cumulated = counts.map((count, at): Sample => {
    total += count;
    const le = at === buckets.length ? "+Inf" : String(buckets[at]);
    return { suffix: "_bucket", labels: { ...labels, le }, value: total };
  });
  return [...cumulated, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: total }];
}
