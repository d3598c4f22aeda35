import { forgetCredential } from "../../src/credentials/forget.ts";
import { revokeAtProvider } from "../../src/credentials/revoke-at-provider.ts";
import { done, skip } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";

/** Ends what the department may do at Google, destroys our copy of its tokens and gives its client back. */
export const revokeOauth: JobStep = {
  async run(ctx) {
    const outcome = await revokeGoogle(ctx);
    return outcome ? done({ revocation: outcome }) : skip("The department has no Google credential");
  },
};

export async function revokeGoogle(ctx: JobContext): Promise<string | undefined> {
  const { db, vault, oauth } = ctx.deps;
  const { id } = ctx.run.department;
  await ctx.fence();
  const revocation = await revokeAtProvider({ sql: db.app, vault, oauth }, id, ctx.signal);
  const forgotten = await stepTx(ctx, db.app, async (tx, record) => {
    const gone = await forgetCredential(tx, id);
    if (gone.credential)
      record({ action: "credential.revoke", target: gone.credential, meta: { revocation } });
    if (gone.client) record({ action: "oauth_client.return", meta: { client_id: gone.client } });
    return gone;
  });
  return forgotten.credential || forgotten.client ? revocation : undefined;
}
