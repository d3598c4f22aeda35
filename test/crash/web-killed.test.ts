import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import { type Child, type Installation, startInstallation, until } from "../helpers/installation.ts";
import { departmentBody, provision, randomSlug, runOf, submitProvision, untilRun } from "./department.ts";
import { expectMadeOnce } from "./expect-department.ts";
import { holdSubmissions } from "./hold-row.ts";
import { agentPids } from "./processes.ts";

const testMs = 60_000;
let at: Installation;
beforeAll(async () => void (at = await startInstallation({ workers: 1 })), testMs);
afterAll(() => at.close(), testMs);

async function kill(child: Child) {
  child.kill("SIGKILL");
  await child.exited;
}

/** One POST without repeats. */
async function post(slug: string, key: string, signal?: AbortSignal) {
  const headers = {
    authorization: `Bearer ${at.key.reveal()}`,
    "content-type": "application/json",
    "idempotency-key": key,
  };
  const url = new URL("/api/v1/provision-department", at.url);
  const body = JSON.stringify(departmentBody(slug));
  return fetch(url, { method: "POST", headers, body, ...(signal && { signal }) });
}

const runsOf = (slug: string) => at.sql<{ id: string }[]>`
  select r.id from federation.run r join federation.department d on d.id = r.department_id where d.slug = ${slug}`;

test(
  "web killed in the middle of a run: the run goes on without it",
  async () => {
    at.arm("deploy.begun", "SIGSTOP");
    const run = await submitProvision(at);
    const { pid } = await at.fired("deploy.begun");
    await kill(at.web());
    at.child(pid)?.kill("SIGCONT");
    await until("the agent is started", async () => {
      const [agent] = await at.sql`select from federation.local_agent
        where department_id = ${run.department} and running_version is not null`;
      return agent !== undefined;
    });
    await at.startWeb();
    await untilRun(at, run.id, "succeeded");
    await expectMadeOnce(at, run);
  },
  testMs,
);

test(
  "supervisor killed: its agents end with it, come back with the next one, and runs go on",
  async () => {
    const before = await provision(at);
    const [pid] = agentPids(before.department) ?? [];
    at.arm("deploy.begun", "SIGSTOP");
    const during = await submitProvision(at);
    const { pid: worker } = await at.fired("deploy.begun");
    await kill(at.supervisor());
    at.child(worker)?.kill("SIGCONT");
    if (pid !== undefined)
      await until("the agent is gone", () => Promise.resolve(agentPids(before.department)?.length === 0));
    await at.startSupervisor();
    await untilRun(at, during.id, "succeeded");
    await expectMadeOnce(at, during);
    await until("the agent is back", async () => {
      const health = await at.client.get(`/departments/${before.slug}/health`);
      return (
        z.object({ agent: z.object({ status: z.string() }) }).parse(health["checks"]).agent.status === "ready"
      );
    });
    await expectMadeOnce(at, before);
  },
  testMs,
);

test(
  "web killed right after its 202: the submission is carried out",
  async () => {
    const answer = await post(randomSlug(), crypto.randomUUID());
    at.web().kill("SIGKILL");
    expect(answer.status).toBe(202);
    const run = runOf(await answer.json());
    await at.web().exited;
    await at.startWeb();
    await untilRun(at, run.id, "succeeded");
    await expectMadeOnce(at, run);
  },
  testMs,
);

test(
  "a submission whose answer was lost, sent again with its Idempotency-Key, is the same run",
  async () => {
    const [slug, key] = [randomSlug(), crypto.randomUUID()];
    const giveUp = new AbortController();
    const lost = post(slug, key, giveUp.signal).catch(() => undefined);
    const [submitted] = await until("it is submitted", async () => {
      const runs = await runsOf(slug);
      return runs.length > 0 && runs;
    });
    giveUp.abort();
    await kill(at.web());
    await lost;
    await at.startWeb();
    const again = await post(slug, key);
    expect(again.status).toBe(202);
    const run = runOf(await again.json());
    expect([run.id, await runsOf(slug)]).toEqual([submitted?.id, [{ id: run.id }]] as never);
    await untilRun(at, run.id, "succeeded");
    await expectMadeOnce(at, run);
  },
  testMs,
);

test(
  "web killed before it saved a submission: sent again with its Idempotency-Key it is one run",
  async () => {
    const [slug, key] = [randomSlug(), crypto.randomUUID()];
    await holdSubmissions(at, async () => {
      const lost = post(slug, key).catch(() => undefined);
      await until("the submission waits", async () => {
        const waiting = await at.sql`select from pg_stat_activity where datname = current_database()
          and wait_event_type = 'Lock' and query like '%insert into federation.department %'`;
        return waiting.length > 0;
      });
      await kill(at.web());
      await lost;
    });
    expect(await runsOf(slug)).toHaveLength(0);
    await at.startWeb();
    // Until its lock is over the key belongs to the call that died; a minute passes.
    await at.sql`update federation.idempotency_key set locked_until = clock_timestamp() where key = ${key}`;
    const again = await post(slug, key);
    expect(again.status).toBe(202);
    const run = runOf(await again.json());
    expect(await runsOf(slug)).toHaveLength(1);
    await untilRun(at, run.id, "succeeded");
    await expectMadeOnce(at, run);
  },
  testMs,
);
