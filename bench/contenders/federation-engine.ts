import { migrate } from "../../src/db/migrate.ts";
import { openPools, type Pools } from "../../src/db/pools.ts";
import { type Sql, type Tx, withTx } from "../../src/db/tx.ts";
import type { SchemaNames } from "../../src/departments/schema/names.ts";
import { randomSuffix } from "../../src/departments/suffix.ts";
import { bindGraph, done, type Graph, type StepContext } from "../../src/provisioning/graph.ts";
import type { Plan } from "../../src/provisioning/plans.ts";
import { submitRun } from "../../src/provisioning/submit-run.ts";
import { openQueue, type Queue } from "../../src/queue/queue.ts";
import { noTracer } from "../../src/traces/tracer.ts";

export interface FederationBase {
  pools: Pools;
  queue: Queue;
  close(): Promise<void>;
}

/** The product's own pools and queue on a bench database; its first caller migrates it. */
export async function openBase(databaseUrl: string, poolMax = 10): Promise<FederationBase> {
  const urls = { appUrl: databaseUrl, gatewayUrl: databaseUrl, adminUrl: databaseUrl };
  const pools = openPools({ ...urls, applicationName: "bench", appMax: poolMax });
  const queue = await openQueue({ url: databaseUrl, role: "federation_app", onError: console.error });
  return {
    pools,
    queue,
    async close() {
      await queue.close();
      await pools.close();
    },
  };
}

export const prepareDatabase = (databaseUrl: string) => migrate({ adminUrl: databaseUrl });

export const planOf = (steps: Plan["steps"]): Plan => ({ kind: "provision", departmentStatus: {}, steps });

/** A step after the other. */
export function chain(names: readonly string[]): Plan["steps"] {
  return names.map((name, index) => ({
    name,
    needs: names.slice(Math.max(0, index - 1), index),
    group: "host",
  }));
}

export function graphOf(plan: Plan, body: (ctx: StepContext<object>) => Promise<void>): Graph<object> {
  const run = async (ctx: StepContext<object>) => {
    await body(ctx);
    return done();
  };
  return bindGraph(plan, Object.fromEntries(plan.steps.map((step) => [step.name, { run }])));
}

/** One transaction as the product's submit: department, run, steps, audit stream, wake-up. */
export async function submit(
  { pools, queue }: FederationBase,
  plan: Plan,
  input: Record<string, string> = {},
): Promise<string> {
  const caller = {
    kind: "system",
    id: "bench",
    role: undefined,
    departmentId: undefined,
    scopes: new Set<string>(),
  } as const;
  return withTx(pools.app, async (tx) => {
    const { id } = await insertDepartment(tx);
    await tx`select audit.open_stream(${id})`;
    const ctx = { caller, queue, requestId: Bun.randomUUIDv7(), tracer: noTracer };
    return submitRun(ctx, tx, plan, { departmentId: id, input, inputHash: "bench" });
  });
}

/** A department's row, without schema, run or audit. */
export async function insertDepartment(sql: Sql | Tx): Promise<SchemaNames> {
  const id = Bun.randomUUIDv7();
  const suffix = randomSuffix();
  await sql`
    insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
    values (${id}, ${`d${suffix}`}, 'bench', 'provisioning', ${suffix}, 'local', 'bench', 'bench@example.com')`;
  return { id, schemaName: `t_${suffix}`, roleName: `d_${suffix}` };
}
