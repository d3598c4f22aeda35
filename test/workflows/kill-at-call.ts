import { expect } from "bun:test";
import { departmentBody, randomSlug, readRun, runOf, type TestRun, untilRun } from "../crash/department.ts";
import { type Child, type Installation, startInstallation, until } from "../helpers/installation.ts";
import { type KillAt, type KillingProxy, startKillingProxy } from "../helpers/killing-proxy.ts";

export type Killing = Awaited<ReturnType<typeof startKilling>>;

/** As `killWorkers`, whose calls of n8n a test can make its last. */
export async function startKilling(n8n: { baseUrl: string; apiKey: string }) {
  const proxy = await startKillingProxy(n8n.baseUrl, (path) => path.startsWith("/api/v1/"));
  const environment = { N8N_BASE_URL: proxy.url, N8N_API_KEY: n8n.apiKey };
  const at = await startInstallation({ workers: 0, environment });
  const workers = await killWorkers(at, proxy);
  return {
    at,
    proxy,
    killAt: workers.killAt,
    async close() {
      await at.close();
      await proxy.close();
    },
  };
}

/** One worker of the installation, that a test kills at a call which comes by the proxy. */
export async function killWorkers(at: Installation, proxy: KillingProxy) {
  let worker: Child = await at.startWorker();
  /** As `killAt`; `wasKilled` is false where the run was over without such a call. */
  async function tryKillAt(kill: Pick<KillAt, "nth" | "when">, submit: () => Promise<TestRun>) {
    const { pid, exited } = worker;
    proxy.arm({ ...kill, kill: () => process.kill(pid, "SIGKILL") });
    const run = await submit();
    await until(
      "the worker is killed, or the run over",
      async () => !proxy.isArmed() || (await readRun(at, run.id)).over,
      120,
    );
    const wasKilled = !proxy.isArmed();
    proxy.disarm();
    if (wasKilled) {
      expect(await exited).not.toBe(0);
      worker = await at.startWorker();
    }
    return { run, wasKilled };
  }
  return {
    tryKillAt,
    /** Kills the worker at the call, and starts another one. */
    async killAt(kill: Pick<KillAt, "nth" | "when">, submit: () => Promise<TestRun>): Promise<TestRun> {
      const { run, wasKilled } = await tryKillAt(kill, submit);
      expect(wasKilled).toBe(true);
      return run;
    },
  };
}

/** A department with one tool. */
export const submitWithTool = async ({ client }: Installation, slug = randomSlug()): Promise<TestRun> =>
  runOf(
    await client.send("POST", "/provision-department", {
      ...departmentBody(slug),
      enabled_tools: ["calendar"],
    }),
  );

export async function provisionWithTool(at: Installation): Promise<TestRun> {
  const run = await submitWithTool(at);
  await untilRun(at, run.id, "succeeded");
  return run;
}

export async function suffixOf({ sql }: Installation, { department }: TestRun): Promise<string> {
  const [row] = await sql<{ suffix: string }[]>`
    select suffix from federation.department where id = ${department}`;
  if (!row) throw new Error("there is no such department");
  return row.suffix;
}
