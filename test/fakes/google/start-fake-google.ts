/**
 * Google's OAuth endpoints on a loopback port, with its errors and peculiarities: a refresh token only at the first
 * consent unless prompt=consent, no rotation, granular consent, project-wide revocation, 100 live refresh tokens. The
 * test in charge sets what goes wrong; calls are counted by the refresh token the line began with.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { answerAuthorize, type Person } from "./authorize-endpoint.ts";
import type { Fault } from "./faults.ts";
import { type Code, createStore, type FakeClient } from "./store.ts";
import { type Answer, answerToken, refuse, type Rotation } from "./token-endpoint.ts";

export interface FakeGoogleOptions {
  expiresInSeconds?: number;
  /** Before every answer of the token endpoint. */
  delayMs?: number;
  rotation?: Rotation;
}

export interface RefreshCall {
  /** The refresh token that the line began with. */
  origin: string;
  /** What was answered; 0 when the connection was dropped or the caller had gone. */
  status: number;
}

export type FakeGoogle = Awaited<ReturnType<typeof startFakeGoogle>>;

export async function startFakeGoogle(options: FakeGoogleOptions = {}) {
  const store = createStore();
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "fake", alg: "RS256", use: "sig" };
  const behaviour = {
    expiresInSeconds: 3599,
    delayMs: 0,
    rotation: "none" as Rotation,
    /** Every n-th refresh answers 500. */
    failEvery: 0,
    ...options,
  };
  const person: Person = { account: { subject: "1", email: "one@example.org", hostedDomain: "example.org" } };
  const pending: Fault[] = [];
  const counts = { discovery: 0, authorize: 0, code: 0, refresh: 0, revoke: 0, jwks: 0 };
  const refreshes: RefreshCall[] = [];
  let issuer = "";

  const idToken = ({ clientId, account, nonce }: Code) =>
    new SignJWT({ email: account.email, email_verified: true, hd: account.hostedDomain, nonce })
      .setProtectedHeader({ alg: "RS256", kid: "fake" })
      .setIssuer(issuer)
      .setSubject(account.subject)
      .setAudience(clientId)
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(privateKey);

  async function onToken(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await textOf(req));
    const isRefresh = form.get("grant_type") === "refresh_token";
    counts[isRefresh ? "refresh" : "code"] += 1;
    const origin = store.refreshTokens.get(form.get("refresh_token") ?? "")?.origin ?? "unknown";
    const call: RefreshCall = { origin, status: 0 };
    if (isRefresh) refreshes.push(call);
    const fault = pending.shift() ?? (isRefresh && isUnlucky() ? serverError : undefined);
    if (fault?.kind === "drop") return void req.socket.destroy();
    if (fault?.kind === "hang") return;
    // What a provider does, it does when the call comes in; only the answer is slow.
    const answer =
      fault?.kind === "answer" ? undefined : await answerToken({ store, options: behaviour, idToken }, form);
    if (behaviour.delayMs > 0) await Bun.sleep(behaviour.delayMs);
    if (fault?.kind === "drop_answer") return void req.socket.destroy();
    if (res.destroyed || req.socket.destroyed) return;
    call.status = answer?.status ?? (fault?.kind === "answer" ? fault.status : 0);
    if (answer) return sendJson(res, answer);
    if (fault?.kind === "answer") {
      res.writeHead(fault.status, { "content-type": "application/json", ...fault.headers }).end(fault.body);
    }
  }

  const isUnlucky = () => behaviour.failEvery > 0 && counts.refresh % behaviour.failEvery === 0;

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? "/", issuer);
    switch (`${req.method} ${url.pathname}`) {
      case "GET /.well-known/openid-configuration":
        counts.discovery += 1;
        return sendJson(res, { status: 200, body: metadataOf(issuer) });
      case "GET /oauth2/v3/certs":
        counts.jwks += 1;
        return sendJson(res, { status: 200, body: { keys: [jwk] } });
      case "GET /o/oauth2/v2/auth": {
        counts.authorize += 1;
        const answer = answerAuthorize(store, person, url.searchParams);
        if (!(answer instanceof URL)) return sendJson(res, answer);
        return void res.writeHead(302, { location: answer.href }).end();
      }
      case "POST /token":
        return await onToken(req, res);
      case "POST /revoke": {
        counts.revoke += 1;
        const token = new URLSearchParams(await textOf(req)).get("token") ?? "";
        const isKnown = store.revoke(token);
        return sendJson(
          res,
          isKnown ? { status: 200, body: {} } : refuse(400, "invalid_token", "Token expired or revoked"),
        );
      }
      default:
        return sendJson(res, { status: 404, body: {} });
    }
  }

  const server = createServer((req, res) => void handle(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    issuer,
    store,
    counts,
    /** Every call of the refresh grant, in order. */
    refreshes,
    behaviour,
    person,
    addClient(client: Partial<FakeClient> = {}): FakeClient {
      const clientId = `${Bun.randomUUIDv7()}.apps.googleusercontent.com`;
      const clientSecret = `GOCSPX-${crypto.randomUUID()}`;
      const made = { clientId, clientSecret, project: clientId, redirectUris: [], ...client };
      store.clients.set(made.clientId, made);
      return made;
    },
    /** The next calls of the token endpoint, one each. */
    failNext: (...next: readonly Fault[]) => void pending.push(...next),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const serverError: Fault = { kind: "answer", status: 500, body: '{"error":"internal_failure"}' };

const metadataOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/o/oauth2/v2/auth`,
  token_endpoint: `${issuer}/token`,
  revocation_endpoint: `${issuer}/revoke`,
  jwks_uri: `${issuer}/oauth2/v3/certs`,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
  scopes_supported: ["openid", "email", "profile"],
  token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
  code_challenge_methods_supported: ["plain", "S256"],
  grant_types_supported: ["authorization_code", "refresh_token"],
});

function sendJson(res: ServerResponse, { status, body }: Answer): void {
  res.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}
