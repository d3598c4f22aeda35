import { percentile, rounded } from "./summary.ts";

export interface LoadOptions {
  inFlight: number;
  warmUpSeconds: number;
  seconds: number;
}

export interface LoadResult {
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  count: number;
}

/** A closed loop: each of `inFlight` slots does the next one when its last is done. An error ends it. */
export async function driveLoad(
  { inFlight, warmUpSeconds, seconds }: LoadOptions,
  once: (slot: number) => Promise<void>,
): Promise<LoadResult> {
  await loop(inFlight, warmUpSeconds, once);
  const startedAtMs = performance.now();
  const tookMs = await loop(inFlight, seconds, once);
  const wallSeconds = (performance.now() - startedAtMs) / 1000;
  const at = (percent: number) => rounded(percentile(tookMs, percent));
  return {
    perSecond: rounded(tookMs.length / wallSeconds, 1),
    p50Ms: at(50),
    p95Ms: at(95),
    p99Ms: at(99),
    count: tookMs.length,
  };
}

async function loop(
  inFlight: number,
  seconds: number,
  once: (slot: number) => Promise<void>,
): Promise<number[]> {
  const untilMs = performance.now() + seconds * 1000;
  const tookMs: number[] = [];
  const slot = async (at: number) => {
    while (performance.now() < untilMs) {
      const startedAtMs = performance.now();
      await once(at);
      tookMs.push(performance.now() - startedAtMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, at) => slot(at)));
  return tookMs;
}
