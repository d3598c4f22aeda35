import { z } from "zod";
import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { conflict, FederationError, unprocessable } from "../errors.ts";
import { completeSecret } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { mintRoomToken } from "../providers/livekit/mint-room-token.ts";
import { livekitAgentName } from "./livekit-agent-name.ts";
import { resolveDepartment } from "./resolve.ts";

export const sessionRequest = z.strictObject({
  /** Who joins. Names that begin with `agent-` are those of LiveKit's own agents. */
  participant: z
    .string()
    .max(100)
    .regex(/^(?!agent-)[A-Za-z0-9][A-Za-z0-9._:@+-]*$/i, "must be 1 to 100 of A-Z a-z 0-9 . _ : @ + -"),
  /** Left out: a room of its own. With or without what the department's rooms begin with. */
  room: z
    .string()
    .max(150)
    .regex(/^([a-z0-9-]+\.)?[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, "must be 1 to 63 of A-Z a-z 0-9 _ -")
    .optional(),
  ttl_seconds: z.int().min(60).max(3600).default(600),
});
export type SessionRequest = z.infer<typeof sessionRequest>;

export const openedSession = z.object({
  url: z.string(),
  token: z.string(),
  room: z.string(),
  agent_name: z.string(),
  expires_at: z.string(),
});
export type OpenedSession = z.infer<typeof openedSession>;

/**
 * Lets somebody talk to the department's agent: a token for one room of the department, in which the agent appears when
 * they join. The token is in this answer and nowhere else. Throws 404, 409 `department_not_ready`, 422 `unknown_room` for
 * a room that is not the department's, 503 `voice_not_configured`.
 */
export async function openSession(ctx: Ctx, idOrSlug: string, input: SessionRequest): Promise<OpenedSession> {
  return withTx(ctx.db.app, async (tx) => {
    const department = await resolveDepartment(ctx, idOrSlug, tx);
    if (!["active", "degraded"].includes(department.status))
      throw conflict("department_not_ready", "The department is not active.");
    const { livekit } = ctx.config;
    if (!livekit)
      throw new FederationError("voice_not_configured", "LiveKit is not configured.", { status: 503 });
    const { participant, ttl_seconds: ttlSeconds } = input;
    const agentName = livekitAgentName(department);
    const room = roomOf(agentName, input.room);
    const agent = { name: agentName, metadata: department.id };
    const minted = await mintRoomToken(livekit, { room, identity: participant, agent, ttlSeconds });
    await completeSecret(tx, ctx);
    const event = { ...auditActor(ctx), stream: department.id, action: "session.open", target: room };
    const meta = { participant, expires_at: minted.expiresAt.toISOString() };
    await appendAudit(tx, [{ ...event, decision: "done", meta }]);
    return {
      url: livekit.url.replace(/^http/, "ws"),
      token: minted.token.reveal(),
      room,
      agent_name: agentName,
      expires_at: minted.expiresAt.toISOString(),
    };
  });
}

/** A department's rooms begin with its agent's name and a dot, which neither a name nor a room's own part has. */
function roomOf(agentName: string, wanted: string = crypto.randomUUID()): string {
  const [own = "", prefix] = wanted.split(".").toReversed();
  if (prefix !== undefined && prefix !== agentName)
    throw unprocessable("unknown_room", "The department has no such room.", [
      { path: "room", message: "does not begin as the department's rooms do" },
    ]);
  return `${agentName}.${own}`;
}
