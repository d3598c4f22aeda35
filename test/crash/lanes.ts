import { availableParallelism } from "node:os";
import { type Installation, startInstallation } from "../helpers/installation.ts";

export type Lanes = Awaited<ReturnType<typeof startLanes>>;

/**
 * Installations of their own for tests that run at the same time; each is lent to one test at once. `ownServer`: for
 * suites that together would need more connections than the server of all tests has.
 */
export async function startLanes(count: number, { ownServer = false } = {}) {
  const lanes = Math.min(count, availableParallelism());
  const start = () => Promise.all(Array.from({ length: lanes }, () => startInstallation({ workers: 2 })));
  const all = await (ownServer ? withoutSharedServer(start) : start());
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

async function withoutSharedServer<T>(fn: () => Promise<T>): Promise<T> {
  const shared = process.env["TEST_DATABASE_ADMIN_URL"];
  delete process.env["TEST_DATABASE_ADMIN_URL"];
  try {
    return await fn();
  } finally {
    if (shared !== undefined) process.env["TEST_DATABASE_ADMIN_URL"] = shared;
  }
}
