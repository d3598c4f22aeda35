import { SignJWT } from "jose";
import { Secret } from "../../crypto/secret.ts";

export interface RoomAccess {
  room: string;
  /** Who joins, unique in the room: a second one of the same name puts the first one out. */
  identity: string;
  /** The agent that joining calls into a new room, and what its job is told. */
  agent: { name: string; metadata: string };
  ttlSeconds: number;
}

/**
 * A LiveKit access token (https://docs.livekit.io/frontends/authentication/tokens) for exactly one room: join, speak,
 * listen, send data. Nothing is asked of the server: the token itself dispatches the agent when its holder joins.
 */
export async function mintRoomToken(
  { apiKey, apiSecret }: { apiKey: string; apiSecret: Secret<string> },
  { room, identity, agent, ttlSeconds }: RoomAccess,
): Promise<{ token: Secret<string>; expiresAt: Date }> {
  const now = Math.floor(Date.now() / 1000);
  const expires = now + ttlSeconds;
  const claims = {
    video: { roomJoin: true, room, canPublish: true, canSubscribe: true, canPublishData: true },
    roomConfig: { agents: [{ agentName: agent.name, metadata: agent.metadata }] },
  };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(apiKey)
    .setSubject(identity)
    .setNotBefore(now)
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(apiSecret.reveal()));
  return { token: new Secret(token), expiresAt: new Date(expires * 1000) };
}
