import type { N8nClient } from "../providers/n8n/n8n.ts";
import { markDeleted } from "../provisioning/resources.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";
import { readRecords } from "./read-records.ts";

/** Removes from n8n what is recorded of the department and not among the wanted ids, such as a disabled tool's workflow. */
export async function removeUnwanted(
  ctx: JobContext,
  client: N8nClient,
  wantedIds: readonly string[],
): Promise<void> {
  const records = await readRecords(ctx.deps.db.app, ctx.run.department.id);
  const unwanted = records.filter(({ id }) => !wantedIds.includes(id));
  for (const { kind, id } of unwanted) {
    await ctx.fence();
    if (kind === "workflow") await client.deleteWorkflow(id, ctx.signal);
    else await client.deleteCredential(id, ctx.signal);
  }
  if (unwanted.length > 0) {
    await markDeleted(
      ctx,
      "n8n",
      ["workflow", "credential"],
      unwanted.map(({ id }) => id),
    );
  }
}
