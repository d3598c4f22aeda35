import postgres from "postgres";
import { verifyChain } from "../helpers/verify-chain.ts";
import { openPools } from "../../src/db/pools.ts";
import { type Sql, withTx } from "../../src/db/tx.ts";
import { randomSuffix } from "../../src/departments/suffix.ts";
import type { JsonObject } from "../../src/json.ts";
import { createEngine, type Engine } from "../../src/provisioning/engine.ts";
import { bindGraph, done, type StepBody } from "../../src/provisioning/graph.ts";
import type { Plan } from "../../src/provisioning/plans.ts";
import type { EngineEvent } from "../../src/provisioning/run-steps.ts";
import { submitRun } from "../../src/provisioning/submit-run.ts";
import { testDatabase } from "../helpers/postgres.ts";
import { noTracer } from "../../src/traces/tracer.ts";

export type Bodies = Record<string, Partial<StepBody<object>>>;

/** A database, engines over graphs of the test's own, and what they left in the tables. */
export async function engineWorld() {
  const database = await testDatabase();
  const pools = openPools({ ...database, applicationName: "test", appMax: 12 });
  const admin = postgres(database.adminUrl, { max: 2, onnotice: () => {} });
  const engines: Engine[] = [];
  const caller = {
    kind: "system",
    id: "test",
    role: undefined,
    departmentId: undefined,
    scopes: new Set<string>(),
  } as const;
  const queue = {
    send: () => Promise.resolve(),
    retry: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const ctx = { caller, queue, requestId: Bun.randomUUIDv7(), tracer: noTracer };

  return {
    sql: pools.app,
    pools,
    admin,
    ctx,
    start(
      plan: Plan,
      bodies: Bodies,
      options: { holdSeconds?: number; runsMax?: number; observe?(event: EngineEvent): void } = {},
    ) {
      const empty: StepBody<object> = { run: () => Promise.resolve(done()) };
      const all = Object.fromEntries(plan.steps.map(({ name }) => [name, { ...empty, ...bodies[name] }]));
      const engine = createEngine({
        sql: pools.app,
        deps: {},
        graphs: [bindGraph(plan, all)],
        runsMax: options.runsMax ?? 10,
        holdSeconds: options.holdSeconds ?? 3600,
        observe: options.observe ?? (() => {}),
      });
      engines.push(engine);
      return engine;
    },
    async submit(plan: Plan, input: JsonObject = {}): Promise<string> {
      const id = Bun.randomUUIDv7();
      const suffix = randomSuffix();
      const run = await withTx(pools.app, async (tx) => {
        await tx`insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
          values (${id}, ${`d${suffix}`}, 'test', 'provisioning', ${suffix}, 'local', 'test', 'test@example.com')`;
        await tx`select audit.open_stream(${id})`;
        return submitRun(ctx, tx, plan, { departmentId: id, input, inputHash: "test" });
      });
      engines.forEach((engine) => engine.poke());
      return run;
    },
    run: (id: string) => readRun(pools.app, id),
    /** Resolves when the run has one of these statuses. */
    async until(id: string, ...statuses: string[]) {
      for (let tries = 0; tries < 2000; tries++) {
        const run = await readRun(pools.app, id);
        if (statuses.includes(run.status)) return run;
        await Bun.sleep(10);
      }
      throw new Error(
        `the run did not become ${statuses.join(" or ")}: ${JSON.stringify(await readRun(pools.app, id))}`,
      );
    },
    async auditOf(runId: string) {
      const rows = await admin`
        select e.* from audit.event e join federation.run r on r.department_id = e.stream where r.id = ${runId} order by seq`;
      return { actions: rows.map((row) => String(row["action"])), verified: verifyChain(rows as never).ok };
    },
    async close() {
      await Promise.all(engines.map((engine) => engine.close()));
      await admin.end();
      await pools.close();
      await database.close();
    },
  };
}

export type EngineWorld = Awaited<ReturnType<typeof engineWorld>>;

export function planOf(steps: Record<string, string[]>, more: Partial<Plan> = {}): Plan {
  const list = Object.entries(steps).map(([name, needs]) => ({ name, needs, group: "host" }) as const);
  return { kind: "provision", departmentStatus: {}, steps: list, ...more };
}

async function readRun(sql: Sql, id: string) {
  const [row] = await sql<
    {
      status: string;
      epoch: number;
      error_code: string | null;
      department: string;
      wake: number | null;
      lease: string | null;
    }[]
  >`
    select r.status, r.epoch, r.error_code, d.status as department, r.lease_owner as lease,
      extract(epoch from r.wake_at - clock_timestamp())::float8 as wake
    from federation.run r join federation.department d on d.id = r.department_id where r.id = ${id}`;
  if (!row) throw new Error("no such run");
  const steps = await sql<{ name: string; status: string; attempt: number; error_code: string | null }[]>`
    select name, status, attempt, error_code from federation.step where run_id = ${id} order by position`;
  return { ...row, steps: Object.fromEntries(steps.map(({ name, ...step }) => [name, step])) };
}
