import type { Logger } from "pino";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { alerts } from "./database/alerts.ts";
import { audit } from "./database/audit.ts";
import { callBudgets } from "./database/call-budgets.ts";
import { connections } from "./database/connections.ts";
import { credentials } from "./database/credentials.ts";
import { departments } from "./database/departments.ts";
import { queues } from "./database/queues.ts";
import { rollouts } from "./database/rollouts.ts";
import { runs } from "./database/runs.ts";
import { steps } from "./database/steps.ts";
import { webhooks } from "./database/webhooks.ts";
import { type Family, gauge } from "./format.ts";

/** Every group of families that comes from the database, in the order of the answer. */
const groups = {
  runs,
  steps,
  queues,
  departments,
  credentials,
  call_budgets: callBudgets,
  audit,
  connections,
  webhooks,
  alerts,
  rollouts,
} satisfies Record<string, (tx: Tx) => Promise<Family[]>>;

const statementMs = 2000;
/** Prometheus gives up after 10 s; what is there by then is answered. */
const togetherMs = 7000;

/**
 * Reads every group, one after the other over one connection at a time. A group that fails or comes too late is left out,
 * and `federation_metrics_group_up` says so; never throws.
 */
export async function readDatabase({ sql, log }: { sql: Sql; log: Logger }): Promise<Family[]> {
  const found = new Map<string, Family[]>();
  const late = AbortSignal.timeout(togetherMs);
  const lateness = new Promise<void>((resolve) => late.addEventListener("abort", () => resolve()));
  await Promise.race([readGroups(sql, log, found, late), lateness]);
  const up = Object.keys(groups).map((group) => ({ labels: { group }, value: found.has(group) ? 1 : 0 }));
  return [
    ...[...found.values()].flat(),
    gauge("federation_metrics_group_up", "Whether a group of values could be read from the database.", up),
  ];
}

async function readGroups(sql: Sql, log: Logger, found: Map<string, Family[]>, late: AbortSignal) {
  for (const [name, collect] of Object.entries(groups)) {
    if (late.aborted) return;
    try {
      const families = await withTx(sql, async (tx) => {
        await tx`select set_config('statement_timeout', ${String(statementMs)}, true)`;
        return collect(tx);
      });
      if (!late.aborted) found.set(name, families);
    } catch (err) {
      log.warn({ err, group: name }, "metrics could not be read");
    }
  }
}
