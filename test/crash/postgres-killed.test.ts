import { afterAll, beforeAll, expect, test } from "bun:test";
import { startInstallation, type Installation } from "../helpers/installation.ts";
import {
  departmentBody,
  randomSlug,
  readRun,
  runOf,
  submitProvision,
  type TestRun,
  untilRun,
} from "./department.ts";
import { expectMadeOnce } from "./expect-department.ts";
import { ownServer } from "./own-server.ts";

const testMs = 60_000;
let server: Awaited<ReturnType<typeof ownServer>>;
let at: Installation;
beforeAll(async () => {
  server = await ownServer();
  at = await startInstallation({ workers: 2, database: server });
}, testMs);
afterAll(() => at.close(), testMs);

for (const step of ["database", "deploy"]) {
  test(
    `Postgres killed while ${step} runs: the run goes on, and the department is made once`,
    async () => {
      at.arm(`${step}.begun`, "SIGSTOP");
      const run = await submitProvision(at);
      const { pid } = await at.fired(`${step}.begun`);
      const back = server.kill();
      at.child(pid)?.kill("SIGCONT");
      await back;
      await untilRun(at, run.id, "succeeded");
      await expectMadeOnce(at, run);
    },
    testMs,
  );
}

test(
  "Postgres killed while departments are submitted: every submission that was acknowledged is carried out",
  async () => {
    const acknowledged: TestRun[] = [];
    let killed: Promise<void> | undefined;
    const submissions = Array.from({ length: 12 }, async () => {
      const answer = await submitOnce(at, randomSlug());
      if (!answer) return;
      acknowledged.push(answer);
      // In the middle of the others.
      if (acknowledged.length === 4) killed = server.kill();
    });
    await Promise.all(submissions);
    await killed;
    expect(acknowledged.length).toBeGreaterThanOrEqual(4);
    for (const run of acknowledged) {
      await untilRun(at, run.id, "succeeded");
      await expectMadeOnce(at, run);
    }
    const living = await at.sql`select id from federation.run where status <> 'succeeded'`;
    for (const { id } of living) await untilRun(at, String(id), "succeeded");
    expect((await readRun(at, acknowledged[0]?.id ?? "")).over).toBe(true);
  },
  testMs,
);

/** One call without repeats; undefined unless it was answered with 202. */
async function submitOnce({ url, key }: Installation, slug: string): Promise<TestRun | undefined> {
  const answer = await fetch(new URL("/api/v1/provision-department", url), {
    method: "POST",
    headers: { authorization: `Bearer ${key.reveal()}`, "content-type": "application/json" },
    body: JSON.stringify(departmentBody(slug)),
  }).catch(() => undefined);
  return answer?.status === 202 ? runOf(await answer.json()) : undefined;
}
