import { FederationError } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import { hostOf, type JobStep } from "../../src/provisioning/worker-deps.ts";
import { checkN8nAccess } from "../../src/workflows/check-access.ts";

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
    if (ctx.deps.n8n) await checkN8nAccess(ctx.deps.n8n, ctx.signal);
    return done({ host: host.name });
  },
};
