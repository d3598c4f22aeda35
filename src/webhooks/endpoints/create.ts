import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { resolveDepartment } from "../../departments/resolve.ts";
import { conflict } from "../../errors.ts";
import { completeSecret } from "../../idempotency/request.ts";
import { prepareSecret, storeSecret } from "../secrets.ts";
import { webhookEvent } from "../webhook-event.ts";
import { checkUrl, type EndpointInput, type EndpointView, readEndpoint } from "./endpoint.ts";

/**
 * Adds an endpoint; its secret is in this answer and nowhere else. A department's admin gets the events of the own
 * department. Throws 422 `outbound_url_refused`, 404 for a department out of reach and 409 `already_deprovisioned`.
 */
export async function createEndpoint(
  ctx: Ctx,
  input: EndpointInput,
): Promise<EndpointView & { secret: string }> {
  const host = checkUrl(ctx, input.url);
  const secret = await prepareSecret(ctx.vault);
  const id = Bun.randomUUIDv7();
  return withTx(ctx.db.app, async (tx) => {
    const wanted = input.department_id ?? ctx.caller.departmentId;
    const department = wanted === undefined ? undefined : await resolveDepartment(ctx, wanted, tx);
    if (department?.status === "deprovisioned")
      throw conflict("already_deprovisioned", "The department is already gone.");
    await tx`
      insert into federation.webhook_endpoint (id, kind, department_id, url, description, types, status, created_by)
      values (${id}, 'endpoint', ${department?.id ?? null}, ${input.url}, ${input.description}, ${input.types},
        'active', ${ctx.caller.id})`;
    await storeSecret(tx, { endpointId: id }, secret);
    const view = await readEndpoint(ctx, tx, id);
    await completeSecret(tx, ctx);
    const row = { id, department: department?.id };
    await appendAudit(tx, [
      webhookEvent(ctx, row, "webhook_endpoint.create", { host, types: input.types.join(" ") }),
    ]);
    return { ...view, secret: secret.text.reveal() };
  });
}
