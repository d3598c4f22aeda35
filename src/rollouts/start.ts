import { z } from "zod";
import { resolveAlert } from "../alerts/resolve.ts";
import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import { canonicalJson } from "../crypto/canonical-json.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict, notFound } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { installedTemplates } from "../releases/installed-templates.ts";
import { type ReleaseView, selectRelease } from "../releases/release.ts";
import { stoppedAlert } from "./stop.ts";
import { type RolloutView, selectRollout } from "./rollout.ts";

export const rolloutInput = z.strictObject({
  /** Id or name. */
  release: z.string().min(1).max(60),
  batch_size: z.int().min(1).max(100).default(10),
  /** How many departments may fail before it stops. */
  failures_max: z.int().min(0).max(10_000).default(0),
  /** How long a batch has to stay well before the next one. */
  gate_seconds: z.int().min(0).max(86_400).default(60),
  /** What is put back when it stops. */
  rollback: z.enum(["failed", "all"]).default("failed"),
  /** Ids or slugs; everybody unless said. */
  departments: z.array(z.string().min(1).max(40)).min(1).max(1000).optional(),
  /** Why production gets a release that nothing was proven of. */
  unproven_reason: z.string().trim().min(10).max(500).optional(),
});
export type RolloutInput = z.infer<typeof rolloutInput>;

/**
 * Begins to bring departments to a release, batch by batch; workers carry it on. Throws 409 `rollout_running` while one
 * lives, `templates_differ` where this code is not what the release was made of, and in production
 * `release_not_promoted` for one that no other environment proved.
 */
export async function startRollout(ctx: Ctx, input: RolloutInput): Promise<RolloutView> {
  const release = await selectRelease(ctx.db.app, input.release);
  await checkTemplates(release);
  const isProven = release.source_environment !== ctx.config.environment && release.manifest !== null;
  if (ctx.config.environment === "production" && !isProven && input.unproven_reason === undefined)
    throw conflict("release_not_promoted", "Production gets what was promoted from another environment.");
  const id = Bun.randomUUIDv7();
  return withTx(ctx.db.app, async (tx) => {
    const inserted = await tx`
      insert into federation.rollout (id, release_id, status, batch_size, failures_max, gate_seconds, rollback, created_by,
        request_id)
      values (${id}, ${release.id}, 'running', ${input.batch_size}, ${input.failures_max}, ${input.gate_seconds},
        ${input.rollback}, ${ctx.caller.id}, ${ctx.requestId})
      on conflict do nothing`;
    if (inserted.count === 0) throw conflict("rollout_running", "Another rollout is not finished yet.");
    const departments = await insertDepartments(tx, id, input);
    const resolved = await resolveStopped(tx);
    const view = await selectRollout(tx, id);
    await completeIdempotency(tx, ctx, 202, view);
    const event = { ...auditActor(ctx), stream: PLATFORM_STREAM, action: "rollout.start", target: id };
    const meta = { release: release.name, departments, batch_size: input.batch_size, proven: isProven };
    const started = { ...event, decision: "done" as const, reason: input.unproven_reason, meta };
    await appendAudit(tx, [...resolved, started]);
    return view;
  });
}

async function checkTemplates({ templates, schema_version }: ReleaseView): Promise<void> {
  const installed = await installedTemplates();
  if (
    canonicalJson(installed.templates) === canonicalJson(templates) &&
    installed.schemaVersion === schema_version
  )
    return;
  const message =
    "The templates or the schema here are not the release's: deploy the control plane it was made with.";
  throw conflict("templates_differ", message);
}

/** In the order they were made; answers how many. Throws 404 where one that was named is not there. */
async function insertDepartments(
  tx: Tx,
  id: string,
  { batch_size, departments }: RolloutInput,
): Promise<number> {
  const named = departments?.map((name) => name.toLowerCase());
  const { count } = await tx`
    insert into federation.rollout_department (rollout_id, department_id, batch)
    select ${id}, d.id, ((row_number() over (order by d.created_at, d.id) - 1) / ${batch_size}::int + 1)::int
    from federation.department d
    where d.status not in ('deprovisioning', 'deprovisioned')
      and (${named === undefined} or d.slug = any(${named ?? []}) or d.id::text = any(${named ?? []}))`;
  if (named !== undefined && count !== new Set(named).size) throw notFound();
  return count;
}

/** Who begins the next one knows of those that stopped. */
async function resolveStopped(tx: Tx) {
  const open = await tx<{ subject: string }[]>`
    select subject from federation.alert where name = ${stoppedAlert} and status = 'firing'`;
  const events = [];
  for (const { subject } of open) events.push(...(await resolveAlert(tx, stoppedAlert, subject)));
  return events;
}
