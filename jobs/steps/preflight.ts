import { FederationError } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import { hostOf, type JobStep } from "../../src/provisioning/worker-deps.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import { checkN8nAccess } from "../../src/workflows/check-access.ts";
import { n8nOf } from "../../src/workflows/n8n-of.ts";
import { giveBackN8n, reserveN8n } from "../../src/workflows/reserve-n8n.ts";

/** Everything that can be known before anything is made: host served here, database role able, names free, n8n willing. */
export const preflight: JobStep = {
  async run(ctx) {
    const host = hostOf(ctx);
    const { schemaName, roleName, id } = ctx.run.department;
    const [row] = await ctx.deps.db.app<{ foreign: boolean }[]>`
      select (to_regnamespace(${schemaName}) is not null or to_regrole(${roleName}) is not null)
        and not exists (select from federation.resource where department_id = ${id}) as foreign`;
    if (row?.foreign) {
      throw new FederationError(
        "name_taken",
        "The generated schema name already exists and is not this department's.",
      );
    }
    await reserveN8n(ctx);
    const n8n = await n8nOf(ctx);
    if (n8n) await checkN8nAccess(n8n.client, ctx.signal);
    return done({ host: host.name });
  },
  async undo(ctx) {
    await stepTx(ctx, ctx.deps.db.app, (tx, record) => giveBackN8n(tx, ctx.run.department.id, record));
  },
};
