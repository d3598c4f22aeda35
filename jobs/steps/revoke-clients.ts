import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";

/** Ends every key of the department and forgets the secrets kept for its host. */
export const revokeClients: JobStep = {
  async run(ctx) {
    await revokeDepartmentClients(ctx);
    return done();
  },
};

export async function revokeDepartmentClients(ctx: JobContext): Promise<void> {
  const { id } = ctx.run.department;
  await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
    await tx`update federation.member set disabled_at = clock_timestamp()
      where department_id = ${id} and disabled_at is null`;
    const revoked = await tx<{ key_id: string }[]>`
      update federation.api_client set status = 'revoked', revoked_at = clock_timestamp()
      where status <> 'revoked' and (department_id = ${id}
        or member_id in (select m.id from federation.member m where m.department_id = ${id}))
      returning key_id`;
    await tx`delete from federation.department_secret where department_id = ${id}`;
    await tx`update federation.resource set deleted_at = clock_timestamp()
      where department_id = ${id} and provider = 'federation' and kind = 'api_client' and deleted_at is null`;
    for (const { key_id } of revoked) record({ action: "client.revoke", meta: { key: key_id } });
  });
}
