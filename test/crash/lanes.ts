import { type Installation, startInstallation } from "../helpers/installation.ts";

export type Lanes = Awaited<ReturnType<typeof startLanes>>;

/** Installations of their own for tests that run at the same time; each is lent to one test at once. */
export async function startLanes(count: number) {
  const all = await Promise.all(Array.from({ length: count }, () => startInstallation({ workers: 2 })));
  const free = [...all];
  const waiting: ((at: Installation) => void)[] = [];
  return {
    async use<T>(fn: (at: Installation) => Promise<T>): Promise<T> {
      const at = free.pop() ?? (await new Promise<Installation>((resolve) => waiting.push(resolve)));
      try {
        return await fn(at);
      } finally {
        const next = waiting.shift();
        if (next) next(at);
        else free.push(at);
      }
    },
    close: () => Promise.all(all.map((at) => at.close())),
  };
}
