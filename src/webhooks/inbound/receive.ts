import { appendAudit, PLATFORM_STREAM } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { recordToolResult } from "../../departments/data/record-tool-result.ts";
import type { ToolResult } from "../../departments/data/tool-result.ts";
import { deprovisionDepartment } from "../../departments/deprovision.ts";
import { provisionDepartment } from "../../departments/provision.ts";
import { forbidden, unprocessable } from "../../errors.ts";
import { completeIdempotency } from "../../idempotency/request.ts";
import { auditActor } from "../../members/audit-actor.ts";
import { type InboundEvent, inboundRights, type InboundType } from "./inbound-event.ts";

/**
 * Does what an event asks for, by the verb that the API's own call uses and with the caller's rights. Throws 403 for who
 * may not, 422 `not_supported` for a `sync`, which nothing here acts on yet, and what the verbs throw.
 */
export async function receiveEvent(
  ctx: Ctx,
  event: InboundEvent,
): Promise<{ status: 200 | 202; body: object }> {
  await checkRights(ctx, event.type);
  switch (event.type) {
    case "provision":
      return { status: 202, body: await provisionDepartment(ctx, event.data) };
    case "deprovision": {
      const { department_id: name, ...input } = event.data;
      return { status: 202, body: await deprovisionDepartment(ctx, name, input) };
    }
    case "tool_result":
      return { status: 200, body: await finishToolCall(ctx, event.data) };
    case "sync":
      throw unprocessable("not_supported", "Nothing here acts on a sync yet.");
  }
}

/** Effect and memory are in two databases' roles: repeating the effect changes nothing, so it goes first. */
async function finishToolCall(ctx: Ctx, call: ToolResult): Promise<object> {
  const answer = await recordToolResult(ctx, ctx.caller.departmentId ?? "", call);
  await withTx(ctx.db.app, (tx) => completeIdempotency(tx, ctx, 200, answer));
  return answer;
}

async function checkRights(ctx: Ctx, type: InboundType): Promise<void> {
  const { callers, scope } = inboundRights[type];
  const { caller } = ctx;
  const isRight = (caller.departmentId === undefined) === (callers === "platform");
  if (isRight && caller.scopes.has(scope)) return;
  const stream = caller.departmentId ?? PLATFORM_STREAM;
  const event = { ...auditActor(ctx), stream, action: `webhook.${type}`, decision: "denied" as const };
  await withTx(ctx.db.app, (tx) => appendAudit(tx, [{ ...event, reason: "forbidden" }]));
  throw forbidden("forbidden", `This sender may not send ${type} events.`);
}
