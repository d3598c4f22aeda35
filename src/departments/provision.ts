import { appendAudit } from "../audit/append.ts";
import type { DepartmentConfig, ProvisionRequest } from "../config-schema/department.ts";
import type { Ctx } from "../context.ts";
import { canonicalJson, sha256Hex } from "../crypto/canonical-json.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict, unprocessable } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import type { JsonObject } from "../json.ts";
import { RateLimitedError } from "../limits/rate-limited-error.ts";
import { takeHits } from "../limits/take-hits.ts";
import { auditActor } from "../members/audit-actor.ts";
import type { Host } from "../providers/hosts/host.ts";
import { provisionPlan } from "../provisioning/plans.ts";
import { submitRun } from "../provisioning/submit-run.ts";
import { type AcceptedRun, acceptedRun } from "./accepted-run.ts";
import { currentRelease } from "./release.ts";
import { randomSuffix } from "./suffix.ts";

/**
 * Accepts a new department: department, config, run, steps, wake-up, audit in one transaction, all or none. The same
 * body for a living department answers the same run. Throws 409 `department_exists` for another body, 422
 * `host_not_configured` and 429 `rate_limited`.
 */
export async function provisionDepartment(ctx: Ctx, input: ProvisionRequest): Promise<AcceptedRun> {
  const host = chooseHost(ctx, input);
  const inputHash = sha256Hex(canonicalJson(input));
  return withTx(ctx.db.app, async (tx) => {
    const created = await insertDepartment(tx, input, { host, release: currentRelease(ctx.config, host) });
    if (!created) return sameRequest(ctx, tx, input.department_id, inputHash);
    const { refused, limits } = await takeHits(tx, [{ kind: "provision", key: "all" }]);
    if (refused) throw new RateLimitedError(limits);
    const { department_id: slug, ...config } = input;
    await insertConfig(ctx, tx, created, { ...config, host });
    await tx`select audit.open_stream(${created})`;
    const run = { departmentId: created, input: runInput(input), inputHash };
    const runId = await submitRun(ctx, tx, provisionPlan, run);
    const answer = acceptedRun(ctx, runId, { id: created, slug }, "provisioning");
    await completeIdempotency(tx, ctx, 202, { ...answer });
    const event = {
      ...auditActor(ctx),
      stream: created,
      department: created,
      action: "department.provision",
    };
    await appendAudit(tx, [{ ...event, decision: "done", meta: { run: runId, slug, host } }]);
    return answer;
  });
}

/** The host a department will run on. Throws 422 when it is not set up here. */
export function chooseHost(ctx: Ctx, input: ProvisionRequest): Host["name"] {
  const host = input.host ?? ctx.config.hosts[0] ?? "local";
  if (ctx.config.hosts.includes(host)) return host;
  const message = `The host ${host} is not configured here.`;
  throw unprocessable("host_not_configured", message, [{ path: "host", message: "is not configured" }]);
}

async function insertDepartment(
  tx: Tx,
  input: ProvisionRequest,
  { host, release }: { host: string; release: string },
): Promise<string | undefined> {
  const id = Bun.randomUUIDv7();
  const limit = input.custom_config?.limits?.queries_per_minute ?? null;
  const inserted = await tx`
    insert into federation.department (id, slug, name, status, suffix, host, region, release, admin_email, query_limit,
      query_window_seconds)
    values (${id}, ${input.department_id}, ${input.department_name}, 'provisioning', ${randomSuffix()}, ${host},
      ${input.region ?? null}, ${release}, ${input.admin_email}, ${limit}, ${limit && 60})
    on conflict (slug) where status <> 'deprovisioned' do nothing`;
  return inserted.count === 1 ? id : undefined;
}

async function insertConfig(ctx: Ctx, tx: Tx, departmentId: string, config: DepartmentConfig): Promise<void> {
  await tx`
    insert into federation.department_config (department_id, version, document, created_by)
    values (${departmentId}, 1, ${tx.json(config as never)}, ${ctx.caller.id})`;
}

async function sameRequest(ctx: Ctx, tx: Tx, slug: string, inputHash: string): Promise<AcceptedRun> {
  const [run] = await tx<{ id: string; department: string; status: string }[]>`
    select r.id, d.id as department, d.status from federation.department d
    join federation.run r on r.department_id = d.id and r.kind = 'provision'
    where d.slug = ${slug} and d.status <> 'deprovisioned' and r.input_hash = ${inputHash}
    order by r.created_at desc limit 1`;
  if (!run)
    throw conflict("department_exists", `There is already a department ${slug} with another definition.`);
  const answer = acceptedRun(ctx, run.id, { id: run.department, slug }, run.status);
  await completeIdempotency(tx, ctx, 202, { ...answer });
  return answer;
}

function runInput(input: ProvisionRequest): JsonObject {
  const hold = input.custom_config?.failure_hold_minutes;
  return hold === undefined ? {} : { failure_hold_minutes: hold };
}
