import { findLeftovers } from "../../src/departments/schema/find-leftovers.ts";
import { FederationError } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import { allPlacesEver } from "../../src/provisioning/places.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import { hostOf, type JobContext, type JobStep } from "../../src/provisioning/worker-deps.ts";
import { findInN8n } from "../../src/workflows/find-in-n8n.ts";
import { n8nOf } from "../../src/workflows/n8n-of.ts";
import { giveBackN8n } from "../../src/workflows/reserve-n8n.ts";

/** Looks everywhere the department ever was and says it is gone only when it is; what is left is listed as orphaned. */
export const absenceSweep: JobStep = {
  async run(ctx) {
    const left = [
      ...(await inDatabase(ctx)),
      ...(await onHost(ctx)),
      ...(await inWorkflows(ctx)),
      ...(await inControlPlane(ctx)),
    ];
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      if (left.length > 0) {
        await tx`update federation.resource set orphaned_at = clock_timestamp(), orphan_reason = ${left.join("; ")}
          where department_id = ${ctx.run.department.id} and deleted_at is null`;
        return;
      }
      const { count } =
        await tx`update federation.resource set verified_absent_at = clock_timestamp(), orphaned_at = null
        where department_id = ${ctx.run.department.id} and deleted_at is not null and verified_absent_at is null`;
      if (count > 0) record({ action: "department.verify_absent" });
      await giveBackN8n(tx, ctx.run.department.id, record);
    });
    if (left.length === 0) return done({ verified: true });
    const message = `${left.length} things are still there; they are listed as orphaned.`;
    throw new FederationError("still_present", message, { retryable: true });
  },
};

function inDatabase(ctx: JobContext): Promise<string[]> {
  return findLeftovers(ctx.deps.db.provisioner, ctx.run.department);
}

async function onHost(ctx: JobContext): Promise<string[]> {
  const places = await allPlacesEver(ctx);
  const things = await Promise.all(places.map((at) => hostOf(at).inspect(at.run.department.id, at.signal)));
  return things.flat().map((thing) => `${thing.kind} ${thing.externalId}`);
}

async function inWorkflows(ctx: JobContext): Promise<string[]> {
  const n8n = await n8nOf(ctx);
  if (!n8n) return [];
  const naming = { environment: ctx.deps.config.environment, suffix: ctx.run.department.suffix };
  const { workflows, credentials } = await findInN8n(n8n.client, naming, ctx.signal);
  return [
    ...workflows.map(({ id }) => `n8n workflow ${id}`),
    ...credentials.map(({ id }) => `n8n credential ${id}`),
  ];
}

async function inControlPlane(ctx: JobContext): Promise<string[]> {
  const { id } = ctx.run.department;
  const rows = await ctx.deps.db.app<{ what: string }[]>`
    select 'api key ' || key_id as what from federation.api_client where department_id = ${id} and status <> 'revoked'
    union all select 'member ' || m.id from federation.member m where department_id = ${id} and disabled_at is null
    union all select 'data key ' || k.id from federation.data_key k where department_id = ${id} and status <> 'destroyed'
    union all select 'credential ' || c.id from federation.credential c where department_id = ${id} and status <> 'revoked'
    union all select 'OAuth client ' || client_id from federation.oauth_client where department_id = ${id}
    union all select 'consent ' || o.id from federation.oauth_consent o where department_id = ${id}
    union all select 'secret ' || name from federation.department_secret where department_id = ${id}
    union all select kind || ' ' || external_id from federation.resource
      where department_id = ${id} and deleted_at is null`;
  return rows.map((row) => row.what);
}
