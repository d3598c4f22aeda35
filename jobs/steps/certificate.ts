import { signDocument } from "../../src/crypto/certificate.ts";
import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JsonObject } from "../../src/json.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";

/** The signed proof of the deletion; with it the department is deprovisioned and its slug free. */
export const certificate: JobStep = {
  async run(ctx) {
    const { id } = ctx.run.department;
    const document = await documentOf(ctx);
    const { signature, kid } = await signDocument(await ctx.deps.signingKeys.active(), document);
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      await tx`
        insert into federation.certificate (department_id, run_id, document, signature, kid)
        values (${id}, ${ctx.run.id}, ${tx.json(document)}, ${signature}, ${kid}) on conflict do nothing`;
      const { count } =
        await tx`update federation.department set status = 'deprovisioned', deprovisioned_at = clock_timestamp(),
        updated_at = clock_timestamp() where id = ${id} and status = 'deprovisioning'`;
      if (count > 0) record({ action: "department.deprovisioned", meta: { kid } });
    });
    return done({ kid });
  },
};

async function documentOf(ctx: JobContext): Promise<JsonObject> {
  const { department } = ctx.run;
  const [facts] = await ctx.deps.db.app<{ facts: JsonObject }[]>`
    select jsonb_build_object(
      'requested_at', r.created_at, 'requested_by', r.requested_by, 'issued_at', clock_timestamp(),
      'archive', (select jsonb_build_object('sha256', a.sha256, 'bytes', a.bytes, 'tables', a.tables)
        from federation.archive a where a.department_id = r.department_id and a.run_id = r.id),
      'resources', (select coalesce(jsonb_agg(jsonb_build_object('provider', x.provider, 'kind', x.kind,
          'external_id', x.external_id, 'deleted_at', x.deleted_at, 'verified_absent_at', x.verified_absent_at)
          order by x.created_at, x.id), '[]')
        from federation.resource x where x.department_id = r.department_id)) as facts
    from federation.run r where r.id = ${ctx.run.id}`;
  const who = { department: department.id, department_id: department.slug, name: department.name };
  return {
    statement: "The department and everything listed were deleted and found absent.",
    ...who,
    run: ctx.run.id,
    ...facts?.facts,
  };
}
