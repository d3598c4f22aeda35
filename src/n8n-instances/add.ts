import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { apiKeyPlace, type InstanceInput, type InstanceView, selectInstance } from "./instance.ts";

/** Adds an n8n instance to the pool; its key is sealed at once. Throws 409 `instance_exists`. */
export async function addInstance(ctx: Ctx, input: InstanceInput): Promise<InstanceView> {
  const { base_url: baseUrl, webhook_url: webhookUrl = baseUrl, api_key: apiKey } = input;
  const id = Bun.randomUUIDv7();
  const sealed = await ctx.vault.seal(apiKeyPlace(id), apiKey);
  return withTx(ctx.db.app, async (tx) => {
    const inserted = await tx`
      insert into federation.n8n_instance (id, base_url, webhook_url, api_key_sealed, status)
      values (${id}, ${baseUrl}, ${webhookUrl}, ${sealed}, 'free')
      on conflict (base_url) where status <> 'retired' do nothing`;
    if (inserted.count === 0)
      throw conflict("instance_exists", "There is already an instance with this base_url.");
    const view = await selectInstance(tx, id);
    await completeIdempotency(tx, ctx, 201, view);
    const event = { ...auditActor(ctx), stream: PLATFORM_STREAM, action: "n8n_instance.add", target: id };
    await appendAudit(tx, [{ ...event, decision: "done", meta: { base_url: baseUrl } }]);
    return view;
  });
}
