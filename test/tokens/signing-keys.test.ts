import { afterAll, beforeAll, expect, test } from "bun:test";
import { signToken, verifyToken } from "../../src/crypto/token.ts";
import { rotateKey } from "../../src/keys/rotate.ts";
import { workRotations } from "../../src/keys/work-rotations.ts";
import { rotateSigningKey } from "../../jobs/rotate-signing-key.ts";
import { createSigningKeys } from "../../src/tokens/signing-keys.ts";
import { type KeyWorld, keyWorld } from "../keys/world.ts";

const issuer = "https://federation.example";
let world: KeyWorld;
beforeAll(async () => {
  world = await keyWorld();
});
afterAll(() => world.close());

/** What a process that starts now knows; it keeps it for a minute. */
const newKeys = () => createSigningKeys({ sql: world.app, vault: world.vault });
type Keys = ReturnType<typeof newKeys>;
const sign = async (keys: Keys) =>
  (
    await signToken({
      key: await keys.active(),
      issuer,
      audience: issuer,
      claims: { sub: "client", clientId: "client", scopes: ["query"] },
      ttlSeconds: 900,
    })
  ).token;
const verdict = (keys: Keys, token: string) =>
  verifyToken(token, { keys: (kid) => keys.publicKey(kid), issuer, audience: issuer }).then(
    () => "accepted",
    (error: { code: string }) => error.code,
  );
const kids = async (keys: Keys) => (await keys.jwks()).keys.map((key) => key.kid);
/** As if so long had passed since the rotation's last step. */
async function pass(id: string, seconds: number) {
  await world.admin`update federation.signing_key set retired_at = retired_at - make_interval(secs => ${seconds})`;
  await world.admin`update federation.signing_key set created_at = created_at - make_interval(secs => ${seconds})`;
  await world.admin`update federation.key_rotation set not_before = not_before - make_interval(secs => ${seconds}) where id = ${id}`;
}
const work = () => workRotations(world.means, new AbortController().signal, { waitSecondsMax: 0 });
const statusOf = async (kid: string) => {
  const [row] = await world.app`
    select status, private_sealed is null as destroyed from federation.signing_key where kid = ${kid}`;
  return row;
};

test("a signing key is public before it signs, and the old one is accepted until its last token has ended", async () => {
  const first = newKeys();
  const [old = ""] = await kids(first);
  const tokenBefore = await sign(first);
  const { id, to_id } = await rotateKey(world.ctx(), { signing: true });
  const next = to_id ?? "";

  // Published, and nobody signs with it: also not right before its time.
  expect(await kids(newKeys())).toEqual([old, next]);
  await pass(id, 140);
  await work();
  expect([await statusOf(old), await statusOf(next)]).toMatchObject([
    { status: "active" },
    { status: "published" },
  ]);
  // The oldest knowledge anybody may have at the moment of the switch: a minute.
  const stale = newKeys();
  await kids(stale);
  const tokenAtSwitch = await sign(stale);

  await pass(id, 20);
  await work();
  expect([await statusOf(old), await statusOf(next)]).toMatchObject([
    { status: "retired" },
    { status: "active" },
  ]);
  const fresh = newKeys();
  const tokenAfter = await sign(fresh);
  for (const keys of [stale, fresh])
    for (const token of [tokenBefore, tokenAtSwitch, tokenAfter])
      expect(await verdict(keys, token)).toBe("accepted");
  // Who does not know yet still signs with the old one, and it counts.
  expect(await verdict(fresh, await sign(stale))).toBe("accepted");
  expect(await statusOf(old)).toEqual({ status: "retired", destroyed: false });

  await pass(id, 310);
  await work();
  expect(await statusOf(old)).toEqual({ status: "retired", destroyed: true });
  expect(await verdict(newKeys(), tokenBefore)).toBe("accepted");
  const [rotation] = await world.app`select status from federation.key_rotation where id = ${id}`;
  expect(rotation).toEqual({ status: "succeeded" });

  // 60 s of not knowing, 900 s of the last token, skew: over.
  await pass(id, 780);
  const later = newKeys();
  expect(await verdict(later, tokenAtSwitch)).toBe("invalid_token");
  expect(await kids(later)).toEqual([old, next]);
});

test("a second rotation at the same time is refused", async () => {
  const { id } = await rotateKey(world.ctx(), { signing: true });
  const again = await rotateKey(world.ctx(), { signing: true }).catch(
    (error: { code: string }) => error.code,
  );
  expect(again).toBe("rotation_running");
  await pass(id, 160);
  await work();
  await pass(id, 310);
  await work();
});

test("the schedule begins a new key only when the present one is 90 days old", async () => {
  const published = async () => {
    const [row] = await world.app<{ count: number }[]>`
      select count(*)::int as count from federation.signing_key where status = 'published'`;
    return row?.count;
  };
  await rotateSigningKey(world.deps);
  expect(await published()).toBe(0);
  await world.admin`update federation.signing_key set created_at = now() - interval '91 days' where status = 'active'`;
  await rotateSigningKey(world.deps);
  await rotateSigningKey(world.deps);
  expect(await published()).toBe(1);
});
