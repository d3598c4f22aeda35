/**
 * The access tokens of this process's callers. However many ask for one credential at once, one of them looks: serves
 * the stored token, refreshes it, or waits for the process that does. Nothing is kept between calls.
 */
import { Secret } from "../crypto/secret.ts";
import { conflict, FederationError } from "../errors.ts";
import { type CredentialRow, readCredential } from "./credential-row.ts";
import { decideAccess } from "./decide-access.ts";
import { credentialPlace } from "./places.ts";
import { refreshCredential, type RefreshMeans } from "./refresh.ts";

export interface AccessToken {
  token: Secret<string>;
  /** Whole seconds, rounded down. */
  expiresInSeconds: number;
  scopesGranted: string[];
  scopesWanted: string[];
}

export interface AccessTokens {
  /** Throws 409 `needs_consent`, 503 `credential_cooling` with the seconds to wait. */
  get(credentialId: string): Promise<AccessToken>;
  /** Refreshes one that is due, whatever is left of its token. Never throws: what fails is tried again when it is due. */
  renew(credentialId: string): Promise<void>;
  /** Waits for what is under way, but not long: another process can take over what is left. */
  close(): Promise<void>;
}

/** A caller waits for others, and for short pauses after failures, at most this long. */
const patienceMs = 20_000;
const shortPauseSeconds = 3;
const closeMs = 5000;
const pollMs = { first: 50, most: 250 };

export function createAccessTokens(means: RefreshMeans): AccessTokens {
  const looking = new Map<string, Promise<AccessToken>>();
  const refreshing = new Map<string, Promise<void>>();
  const refresh = (row: CredentialRow) => once(refreshing, row.id, () => refreshCredential(means, row));
  return {
    get: (id) => once(looking, id, () => lookUntilFound(means, id, refresh)),
    async renew(id) {
      const row = await readCredential(means.sql, id).catch(() => undefined);
      if (row && isDue(row)) await renewQuietly(means, row, refresh);
    },
    async close() {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, closeMs);
      await Promise.race([Promise.allSettled([...looking.values(), ...refreshing.values()]), late]);
      clearTimeout(timer);
    },
  };
}

function once<T>(running: Map<string, Promise<T>>, id: string, start: () => Promise<T>): Promise<T> {
  const known = running.get(id);
  if (known) return known;
  const started = start().finally(() => running.delete(id));
  running.set(id, started);
  return started;
}

type Refresh = (row: CredentialRow) => Promise<void>;

async function lookUntilFound(means: RefreshMeans, id: string, refresh: Refresh): Promise<AccessToken> {
  const deadlineMs = performance.now() + patienceMs;
  for (let pause = pollMs.first; ; pause = Math.min(pause * 1.5, pollMs.most)) {
    const row = await readCredential(means.sql, id);
    const access = row ? decideAccess(row) : { kind: "needs_consent" as const };
    if (!row || access.kind === "needs_consent")
      throw conflict("needs_consent", "Somebody has to consent at the provider first.");
    if (access.kind === "serve") {
      if (access.renew) void renewQuietly(means, row, refresh);
      return await serve(means, row);
    }
    const isLate = performance.now() > deadlineMs;
    const waitSeconds = access.kind === "cooling" ? access.seconds : 0;
    if (isLate || waitSeconds > shortPauseSeconds) return await serveOrCool(means, row, waitSeconds);
    if (access.kind === "refresh") await refresh(row);
    else await Bun.sleep(access.kind === "cooling" ? waitSeconds * 1000 : pause * (0.75 + Math.random() / 2));
  }
}

function renewQuietly({ log }: RefreshMeans, row: CredentialRow, refresh: Refresh): Promise<void> {
  return refresh(row).catch((error: unknown) =>
    log.warn({ err: error, credential: row.id }, "could not renew a token"),
  );
}

/** What is still valid helps more than none. */
function serveOrCool(means: RefreshMeans, row: CredentialRow, seconds: number): Promise<AccessToken> {
  if ((row.accessLeft ?? 0) >= 1) return serve(means, row);
  throw new FederationError("credential_cooling", "The provider gave no token; it is asked again later.", {
    status: 503,
    retryable: true,
    retryAfterSeconds: Math.max(1, Math.ceil(seconds)),
  });
}

async function serve({ vault }: RefreshMeans, row: CredentialRow): Promise<AccessToken> {
  const place = credentialPlace(row.departmentId, row.id, "access_sealed");
  return {
    token: new Secret(await vault.open(place, row.accessSealed ?? "")),
    expiresInSeconds: Math.floor(row.accessLeft ?? 0),
    scopesGranted: row.scopesGranted,
    scopesWanted: row.scopesWanted,
  };
}

function isDue({ status, nextLeft, holdLeft }: CredentialRow): boolean {
  if (status === "refreshing") return (holdLeft ?? 0) <= 0;
  return status === "active" && (nextLeft ?? 0) <= 0;
}
