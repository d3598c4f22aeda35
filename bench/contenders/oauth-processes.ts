import { z } from "zod";
import type { OAuthContender, OAuthSetup } from "./oauth-base.ts";

const answered = z.object({
  asked: z.number(),
  result: z.object({ waitsMs: z.array(z.number()), failed: z.number() }),
});
export type OAuthResult = z.infer<typeof answered>["result"];

export type OAuthProcess = Awaited<ReturnType<typeof startOAuthProcess>>;

/** A process of the contender that can be asked for tokens. */
export async function startOAuthProcess(contender: OAuthContender, setup: OAuthSetup) {
  const waiting = new Map<number, (result: OAuthResult) => void>();
  const ready = Promise.withResolvers<void>();
  const script = new URL("./oauth-process.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, script, contender], {
    env: { ...process.env, BENCH_OAUTH: JSON.stringify(setup) },
    stdio: ["ignore", "ignore", "inherit"],
    ipc(message: unknown) {
      if (message === "ready") return ready.resolve();
      const { asked, result } = answered.parse(message);
      waiting.get(asked)?.(result);
    },
  });
  void child.exited.then(() => ready.reject(new Error("a process of the benchmark ended")));
  await ready.promise;
  let asked = 0;
  const ask = (request: object) => {
    asked += 1;
    const result = new Promise<OAuthResult>((resolve) => waiting.set(asked, resolve));
    child.send({ asked, ...request });
    return result;
  };
  return {
    get: (credentialId: string, callers: number) => ask({ credentialId, callers }),
    renewAll: () => ask({}),
    async close() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
