import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { resolveDepartment } from "../../departments/resolve.ts";
import { conflict } from "../../errors.ts";
import { completeIdempotency, completeSecret } from "../../idempotency/request.ts";
import { prepareSecret, storeSecret } from "../secrets.ts";
import { webhookEvent } from "../webhook-event.ts";
import { type EndpointInput, type EndpointWithSecret, readEndpoint } from "./endpoint.ts";
import { prepareUrl } from "./prepare-url.ts";

/**
 * Adds an endpoint; its secret is in this answer and nowhere else. In Slack's format nothing is signed: the secret is
 * null and the URL, which is one, is shown no more. A department's admin gets the events of the own department. Throws
 * 422 `outbound_url_refused`, 404 for a department out of reach and 409 `already_deprovisioned`.
 */
export async function createEndpoint(ctx: Ctx, input: EndpointInput): Promise<EndpointWithSecret> {
  const id = Bun.randomUUIDv7();
  const { format, description, types } = input;
  const url = await prepareUrl(ctx, { id, format, url: input.url });
  const secret = format === "standard" ? await prepareSecret(ctx.vault) : undefined;
  return withTx(ctx.db.app, async (tx) => {
    const wanted = input.department_id ?? ctx.caller.departmentId;
    const department = wanted === undefined ? undefined : await resolveDepartment(ctx, wanted, tx);
    if (department?.status === "deprovisioned")
      throw conflict("already_deprovisioned", "The department is already gone.");
    await tx`
      insert into federation.webhook_endpoint
        (id, kind, department_id, format, url, url_sealed, description, types, status, created_by)
      values (${id}, 'endpoint', ${department?.id ?? null}, ${format}, ${url.shown}, ${url.sealed}, ${description},
        ${types}, 'active', ${ctx.caller.id})`;
    if (secret) await storeSecret(tx, { endpointId: id }, secret);
    const view = { ...(await readEndpoint(ctx, tx, id)), secret: secret?.text.reveal() ?? null };
    if (secret) await completeSecret(tx, ctx);
    else await completeIdempotency(tx, ctx, 201, view);
    const row = { id, department: department?.id };
    const meta = { host: url.host, format, types: types.join(" ") };
    await appendAudit(tx, [webhookEvent(ctx, row, "webhook_endpoint.create", meta)]);
    return view;
  });
}
