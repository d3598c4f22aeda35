import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createAccessTokens } from "../../src/credentials/access-tokens.ts";
import { decideAccess } from "../../src/credentials/decide-access.ts";
import { readCredential } from "../../src/credentials/credential-row.ts";
import { refreshDue } from "../../src/credentials/refresh-due.ts";
import { refreshCredential } from "../../src/credentials/refresh.ts";
import { dueBeforeEnd, pauseAfter, spreadOf } from "../../src/credentials/refresh-times.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { FederationError } from "../../src/errors.ts";
import { OAuthError } from "../../src/providers/google/oauth-error.ts";
import type { OAuthProvider, RefreshedTokens } from "../../src/providers/google/oauth-provider.ts";
import { faults } from "../fakes/google/faults.ts";
import { type OAuthTestWorld, startOAuthTestWorld, type TestCredential } from "./world.ts";

let world: OAuthTestWorld;
let credential: TestCredential;
beforeAll(async () => void (world = await startOAuthTestWorld()));
afterAll(() => world.close());
beforeEach(async () => void (credential = await world.addCredential(-1)));

const tokens = () => world.edge.deps.accessTokens;
const calls = () => world.callsOf(credential.origin).length;
const row = () => world.row(credential.id);
const events = () => world.events(credential.department.id);
const audited = () => world.audited(credential.department.id);
const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => "given",
    (error: unknown) => (error instanceof FederationError ? error.code : String(error)),
  );

describe("an access token", () => {
  test("with time left is served as it lies there, without a call", async () => {
    const fresh = await world.addCredential(3000);
    expect((await tokens().get(fresh.id)).token.reveal()).toBe("ya29.first");
    expect(world.callsOf(fresh.origin)).toEqual([]);
  });

  test("that ends soon is served, and renewed by the way", async () => {
    let ending = await world.addCredential(75);
    while (spreadOf(ending.id) < 0.5) ending = await world.addCredential(75);
    expect((await tokens().get(ending.id)).token.reveal()).toBe("ya29.first");
    await tokens().close();
    expect(world.callsOf(ending.origin).length).toBe(1);
    expect((await tokens().get(ending.id)).token.reveal()).not.toBe("ya29.first");
  });

  test("is asked for once by 1,000 callers of a process", async () => {
    const gotten = await Promise.all(Array.from({ length: 1000 }, () => tokens().get(credential.id)));
    expect(new Set(gotten.map(({ token }) => token.reveal())).size).toBe(1);
    expect(calls()).toBe(1);
  });

  test("lives shorter by the time the call took", async () => {
    const { expiresInSeconds } = await tokens().get(credential.id);
    expect(expiresInSeconds).toBeLessThan(world.google.behaviour.expiresInSeconds);
  });
});

describe("a failure that passes", () => {
  test("leaves the token there is in use, and the provider alone as long as it asked for", async () => {
    const ending = await world.addCredential(50);
    world.google.failNext(faults.rateLimited(120));
    expect((await tokens().get(ending.id)).token.reveal()).toBe("ya29.first");
    expect((await tokens().get(ending.id)).token.reveal()).toBe("ya29.first");
    expect(world.callsOf(ending.origin).length).toBe(1);
    const [pause] = await world.edge.sql`
      select extract(epoch from next_refresh_at - clock_timestamp())::float8 as seconds
      from federation.credential where id = ${ending.id}`;
    expect(pause?.["seconds"]).toBeGreaterThan(100);
  });

  test("is said with the time to wait when there is no token", async () => {
    world.google.failNext(faults.rateLimited(120));
    const error: unknown = await tokens()
      .get(credential.id)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "credential_cooling", status: 503, retryable: true });
    expect((error as FederationError).retryAfterSeconds).toBeGreaterThan(100);
  });

  test("is announced once after five in a row, and once when it is over", async () => {
    for (let failures = 1; failures <= 7; failures += 1) {
      world.google.failNext(faults.unavailable);
      await world.endPause(credential.id);
      await tokens().renew(credential.id);
      expect(await events()).toEqual(failures < 5 ? [] : ["credential.broken"]);
    }
    for (let round = 0; round < 2; round += 1) {
      await world.endPause(credential.id);
      await tokens().renew(credential.id);
      expect(await events()).toEqual(["credential.broken", "credential.recovered"]);
    }
    expect(await row()).toMatchObject({ status: "active", failures: 0, failure_code: null });
    expect(await audited()).toEqual([
      ...Array.from({ length: 7 }, () => "failed temporarily_unavailable"),
      "done",
      "done",
    ]);
  });

  test("of the database while the answer is stored costs no second call", async () => {
    let failures = 2;
    const vault = {
      ...world.means.vault,
      seal: async (...args: Parameters<typeof world.means.vault.seal>) => {
        if (failures-- > 0) throw new Error("the database is away");
        return await world.means.vault.seal(...args);
      },
    };
    const mine = createAccessTokens({ ...world.means, vault });
    await mine.get(credential.id);
    expect(calls()).toBe(1);
  });
});

describe("a broken client", () => {
  test("is announced once, and the provider is left alone", async () => {
    const client = world.google.store.clients.get(credential.clientId);
    if (client) client.isDeleted = true;
    for (let round = 0; round < 20; round += 1) {
      expect(await codeOf(tokens().get(credential.id))).toBe("credential_cooling");
    }
    expect(calls()).toBe(1);
    expect(await row()).toMatchObject({ status: "active", failures: 1, failure_code: "deleted_client" });
    expect(await events()).toEqual(["credential.broken"]);
    if (client) client.isDeleted = false;
    await world.endPause(credential.id);
    expect(await codeOf(tokens().get(credential.id))).toBe("given");
    expect(await events()).toEqual(["credential.broken", "credential.recovered"]);
  });

  test("a policy of the admin is treated alike", async () => {
    world.google.failNext(faults.adminPolicy);
    expect(await codeOf(tokens().get(credential.id))).toBe("credential_cooling");
    expect(await row()).toMatchObject({ status: "active", failure_code: "admin_policy_enforced" });
  });
});

test("an ended session of the Cloud console needs a new consent like any invalid_grant", async () => {
  world.google.failNext(faults.sessionExpired);
  expect(await codeOf(tokens().get(credential.id))).toBe("needs_consent");
  expect(await row()).toMatchObject({ status: "needs_consent", failure_code: "invalid_grant" });
});

describe("a holder that comes back too late", () => {
  const answer = (refreshToken?: string): RefreshedTokens => ({
    accessToken: new Secret("ya29.late"),
    expiresInSeconds: 3599,
    ...(refreshToken !== undefined && { refreshToken: new Secret(refreshToken) }),
  });

  /** A refresh of a process of its own, whose provider answers when it is told to. */
  async function hold() {
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<RefreshedTokens>();
    const oauth: OAuthProvider = {
      ...world.means.oauth,
      refresh: () => (asked.resolve(), answered.promise),
    };
    const seen = await readCredential(world.means.sql, credential.id);
    if (!seen) throw new Error("no such credential");
    const done = refreshCredential({ ...world.means, oauth }, seen);
    await asked.promise;
    return { ...answered, done };
  }
  const stored = async () => (await world.refreshToken(credential.id, credential.department.id)).reveal();
  const invalidGrant = () => new OAuthError("reconsent", "invalid_grant");

  test("changes nothing without a rotated refresh token", async () => {
    const late = await hold();
    await world.endHold(credential.id);
    await tokens().get(credential.id);
    const before = await row();
    late.resolve(answer());
    await late.done;
    expect(await row()).toEqual(before);
  });

  test("stores its answer as long as nobody took over", async () => {
    const late = await hold();
    await world.endHold(credential.id);
    late.resolve(answer());
    await late.done;
    expect((await tokens().get(credential.id)).token.reveal()).toBe("ya29.late");
  });

  test("saves the rotated refresh token when the other one was told that the old one is gone", async () => {
    const late = await hold();
    await world.endHold(credential.id);
    const next = await hold();
    next.reject(invalidGrant());
    await next.done;
    expect(await row()).toMatchObject({ status: "needs_consent" });
    late.resolve(answer("1//rotated"));
    await late.done;
    expect(await row()).toMatchObject({ status: "active" });
    expect(await stored()).toBe("1//rotated");
  });

  test("saves it before the other one is told, which then tries the new one", async () => {
    const late = await hold();
    await world.endHold(credential.id);
    const next = await hold();
    late.resolve(answer("1//rotated"));
    await late.done;
    next.reject(invalidGrant());
    await next.done;
    expect(await row()).toMatchObject({ status: "active", failure_code: null });
    expect(await stored()).toBe("1//rotated");
    expect(await events()).toEqual([]);
  });

  test("does not touch what a new consent or the other one has stored since", async () => {
    const late = await hold();
    await world.endHold(credential.id);
    const next = await hold();
    next.resolve(answer("1//newer"));
    await next.done;
    const before = await row();
    late.resolve(answer("1//rotated"));
    await late.done;
    expect(await row()).toEqual(before);
  });

  test("does not bring a revoked credential back", async () => {
    const late = await hold();
    await world.edge.sql`
      update federation.credential set status = 'revoked', refresh_sealed = null, access_sealed = null,
        access_expires_at = null, refresh_until = null where id = ${credential.id}`;
    late.resolve(answer("1//rotated"));
    await late.done;
    expect(await row()).toMatchObject({ status: "revoked", refresh_sealed: null, access_sealed: null });
  });
});

describe("the provider is not asked", () => {
  const seen = async () => {
    const found = await readCredential(world.means.sql, credential.id);
    if (!found) throw new Error("no such credential");
    return found;
  };

  test("for a credential that somebody refreshed since it was looked at", async () => {
    const stale = await seen();
    await refreshCredential(world.means, stale);
    await refreshCredential(world.means, stale);
    expect(calls()).toBe(1);
  });

  test("while the holder's time is not over, whatever was decided", async () => {
    await world.edge.sql`update federation.credential set status = 'refreshing', version = version + 1,
      refresh_until = clock_timestamp() + interval '1 minute' where id = ${credential.id}`;
    await refreshCredential(world.means, await seen());
    expect(calls()).toBe(0);
  });

  test("during the pause after a failure, whatever was decided", async () => {
    world.google.failNext(faults.rateLimited(60));
    await refreshCredential(world.means, await seen());
    await refreshCredential(world.means, await seen());
    expect(calls()).toBe(1);
  });
});

describe("the scheduled refresh", () => {
  const run = () => refreshDue(world.means.sql, tokens(), { lanes: 4, budgetMs: 20_000 });

  test("renews what ends within ten minutes, once however many runs overlap, and nothing else", async () => {
    const due = await Promise.all([1, 100, 299].map((left) => world.addCredential(left)));
    const fresh = await world.addCredential(1200);
    const suspended = await world.addCredential(1, "suspended");
    await Promise.all([run(), run(), run()]);
    expect(due.map(({ origin }) => world.callsOf(origin).length)).toEqual([1, 1, 1]);
    expect(world.callsOf(fresh.origin)).toEqual([]);
    expect(world.callsOf(suspended.origin)).toEqual([]);
    expect(await run()).toBe(0);
  });

  test("takes over what a killed process held, and stops for a broken one", async () => {
    await world.edge
      .sql`update federation.credential set status = 'refreshing', refresh_until = clock_timestamp(),
      version = version + 1 where id = ${credential.id}`;
    await run();
    expect(calls()).toBe(1);
    expect(await row()).toMatchObject({ status: "active" });
  });
});

describe("the times", () => {
  const id = Bun.randomUUIDv7();
  const seen = {
    id: `${id.slice(0, -8)}00000000`,
    status: "active" as const,
    failures: 0,
    accessLeft: 3000,
    holdLeft: null,
    nextLeft: null,
  };

  test("a token is served while a minute is left, else refreshed, waited for or left alone", () => {
    const kindOf = (change: object) => decideAccess({ ...seen, ...change }).kind;
    expect(kindOf({ accessLeft: 60 })).toBe("serve");
    expect(kindOf({ accessLeft: 59 })).toBe("refresh");
    expect(kindOf({ accessLeft: null })).toBe("refresh");
    expect(kindOf({ accessLeft: 59, status: "refreshing", holdLeft: 1 })).toBe("wait");
    expect(kindOf({ accessLeft: 59, status: "refreshing", holdLeft: 0 })).toBe("refresh");
    expect(kindOf({ accessLeft: 59, failures: 1, nextLeft: 5 })).toBe("cooling");
    expect(kindOf({ accessLeft: 59, failures: 1, nextLeft: -1 })).toBe("refresh");
    expect(kindOf({ accessLeft: 3000, failures: 1, nextLeft: 5 })).toBe("serve");
    for (const status of ["pending_consent", "needs_consent", "revoked"] as const)
      expect(kindOf({ status })).toBe("needs_consent");
  });

  test("pauses grow, are capped, never undercut what the provider asked for", () => {
    const at = (failures: number) => pauseAfter("transient", failures, { chance: 0 });
    expect([1, 2, 3, 4].map((failures) => at(failures).seconds)).toEqual([0.5, 1, 2, 4]);
    expect([5, 6, 50].map((failures) => at(failures).seconds)).toEqual([60, 120, 3600]);
    expect([4, 5].map((failures) => at(failures).isAnnounced)).toEqual([false, true]);
    expect(pauseAfter("client_broken", 1, { chance: 0 })).toEqual({ seconds: 900, isAnnounced: true });
    expect(pauseAfter("transient", 1, { chance: 1, retryAfterSeconds: 30 }).seconds).toBe(45);
  });

  test("credentials made together are due at different times, each at its own", () => {
    const made = Array.from({ length: 200 }, () => Bun.randomUUIDv7());
    const times = made.map((one) => dueBeforeEnd(one, 3600));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...times)).toBeLessThanOrEqual(600);
    expect(new Set(times.map((time) => Math.floor(time / 60))).size).toBe(5);
    expect(spreadOf(id)).toBe(spreadOf(id));
    expect(dueBeforeEnd(id, 60)).toBe(30);
  });
});
