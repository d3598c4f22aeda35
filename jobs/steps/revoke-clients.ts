import { revokeCredentials } from "../../src/departments/revoke-credentials.ts";
import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";

/** Ends every key of the department, sends its people away and forgets the secrets kept for its host. */
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
    for (const key of await revokeCredentials(tx, id)) record({ action: "client.revoke", meta: { key } });
  });
}
