import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { installedTemplates } from "./installed-templates.ts";
import { type ReleaseInput, type ReleaseView, selectRelease } from "./release.ts";

/** Gives a name to an agent's image with the templates and the schema of this code. Throws 409 `release_exists`. */
export async function createRelease(ctx: Ctx, input: ReleaseInput): Promise<ReleaseView> {
  const { templates, schemaVersion } = await installedTemplates();
  const id = Bun.randomUUIDv7();
  return withTx(ctx.db.app, async (tx) => {
    const inserted = await tx`
      insert into federation.release (id, name, agent_image, templates, schema_version, source_environment, created_by)
      values (${id}, ${input.name}, ${input.agent_image ?? null}, ${tx.json(templates)}, ${schemaVersion},
        ${ctx.config.environment}, ${ctx.caller.id})
      on conflict (name) do nothing`;
    if (inserted.count === 0)
      throw conflict("release_exists", "There is already a release with this name; it does not change.");
    const view = await selectRelease(tx, id);
    await completeIdempotency(tx, ctx, 201, view);
    const event = { ...auditActor(ctx), stream: PLATFORM_STREAM, action: "release.create", target: id };
    const meta = { name: view.name, agent_image: view.agent_image, schema_version: schemaVersion };
    await appendAudit(tx, [{ ...event, decision: "done", meta }]);
    return view;
  });
}
