import { setTimeout as sleep } from "node:timers/promises";

export interface Wait {
  seconds: number;
  pauseMs: number;
  signal: AbortSignal;
}

/** The first answer of `find` that is not undefined; undefined when time is up. */
export async function waitUntil<T>(wait: Wait, find: () => Promise<T | undefined>): Promise<T | undefined> {
  const until = performance.now() + wait.seconds * 1000;
  for (;;) {
    const found = await find();
    if (found !== undefined || performance.now() > until) return found;
    await sleep(wait.pauseMs, undefined, { signal: wait.signal });
  }
}
