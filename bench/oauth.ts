/**
 * Refresh under load, two processes, a provider that takes 300 ms and fails one call in ten. Many callers at the instant
 * of expiry, then many credentials that expire at once; against a refresh as it is usually written. Once with a provider
 * that keeps its refresh tokens, as Google does, once with one that rotates them and punishes the use of an old one.
 */
import { randomBytes } from "node:crypto";
import { Secret } from "../src/crypto/secret.ts";
import { prepareInstallation } from "../src/installation/prepare-installation.ts";
import { type FakeGoogle, startFakeGoogle } from "../test/fakes/google/start-fake-google.ts";
import type { Rotation } from "../test/fakes/google/token-endpoint.ts";
import { prepareDatabase } from "./contenders/federation-engine.ts";
import { oauthConfig, type OAuthContender, oauthContenders, openOAuthBase } from "./contenders/oauth-base.ts";
import { addCredentials, type BenchCredential, countLost } from "./contenders/oauth-credentials.ts";
import { type OAuthProcess, startOAuthProcess } from "./contenders/oauth-processes.ts";
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import { percentile, rounded } from "./harness/summary.ts";

const [callers, expiries, processes, delayMs, failEvery] = [1000, 10, 2, 300, 10];
const lanes = 32;
const rotations = ["none", "strict"] as const satisfies readonly Rotation[];

type Base = Awaited<ReturnType<typeof openOAuthBase>>["means"];

interface Round {
  contender: OAuthContender;
  rotation: Rotation;
  expiries: number;
  succeeded: number;
  failed: number;
  callersWithout: number;
  waitsMs: number[];
  lost: number;
  seconds: number;
}

export async function run(context: BenchContext): Promise<BenchResult> {
  const count = context.departments ?? 10_000;
  const google = await startFakeGoogle({ delayMs });
  const server = await context.server();
  const setup = {
    databaseUrl: await server.createDatabase("bench_oauth"),
    kek: randomBytes(32).toString("hex"),
    issuer: google.issuer,
  };
  await prepareDatabase(setup.databaseUrl);
  await prepareInstallation(oauthConfig(setup), new Secret(setup.databaseUrl));
  const base = await openOAuthBase(setup);
  const started = (contender: OAuthContender) =>
    Promise.all(Array.from({ length: processes }, () => startOAuthProcess(contender, setup)));
  const pairs = { naive: await started("naive"), federation: await started("federation") };
  try {
    const wanted = oauthContenders.filter((name) => context.only.length === 0 || context.only.includes(name));
    const bursts = await measureBursts(context, base.means, google, wanted, pairs);
    const tides = await measureTides(context, base.means, google, wanted, pairs, count);
    return resultOf(bursts, tides, count);
  } finally {
    await Promise.all(Object.values(pairs).flatMap((pair) => pair.map((one) => one.close())));
    await base.close();
    await google.close();
  }
}

type Pairs = Record<OAuthContender, OAuthProcess[]>;

/** A warm-up round, then rounds in which the contenders take turns. */
async function measureBursts(
  { rounds, log }: BenchContext,
  means: Base,
  google: FakeGoogle,
  wanted: readonly OAuthContender[],
  pairs: Pairs,
): Promise<Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    for (const rotation of rotations) {
      for (const contender of wanted) {
        const one = await burst(means, google, rotation, contender, pairs[contender]);
        if (round > 0) measured.push(one);
      }
    }
    log(round === 0 ? "warm-up done" : `round ${round} of ${rounds}`);
  }
  return measured;
}

async function burst(
  means: Base,
  google: FakeGoogle,
  rotation: Rotation,
  contender: OAuthContender,
  pair: OAuthProcess[],
): Promise<Round> {
  const credentials = await addCredentials(means, google, expiries);
  return measure({ means, google, rotation, contender, credentials }, async () => {
    const results = [];
    for (const { id } of credentials)
      results.push(...(await Promise.all(pair.map((one) => one.get(id, callers / processes)))));
    return results;
  });
}

/** The same credentials for all, ours first: the other one may lose grants. */
async function measureTides(
  { log }: BenchContext,
  means: Base,
  google: FakeGoogle,
  wanted: readonly OAuthContender[],
  pairs: Pairs,
  count: number,
): Promise<Round[]> {
  await means.sql`update federation.department set status = 'suspended'`;
  await means.sql`update federation.credential set access_expires_at = clock_timestamp() + interval '1 day',
    next_refresh_at = clock_timestamp() + interval '1 day'`;
  log(`making ${count} credentials ...`);
  const credentials = await addCredentials(means, google, count);
  const measured: Round[] = [];
  for (const rotation of rotations) {
    for (const contender of wanted.toReversed()) {
      await means.sql`
        update federation.credential c set access_expires_at = clock_timestamp() - interval '1 s',
          next_refresh_at = clock_timestamp(), status = 'active', failures = 0, failure_code = null, refresh_until = null
        from federation.department d where d.id = c.department_id and d.status = 'active'`;
      const one = await measure({ means, google, rotation, contender, credentials }, () =>
        Promise.all(pairs[contender].map((process) => process.renewAll())),
      );
      log(`${contender}, ${rotation}: ${one.seconds} s`);
      measured.push(one);
    }
  }
  return measured;
}

interface Measured {
  means: Base;
  google: FakeGoogle;
  rotation: Rotation;
  contender: OAuthContender;
  credentials: BenchCredential[];
}

async function measure(
  { means, google, rotation, contender, credentials }: Measured,
  work: () => Promise<{ waitsMs: number[]; failed: number }[]>,
): Promise<Round> {
  Object.assign(google.behaviour, { rotation, failEvery });
  const before = google.refreshes.length;
  const startedMs = performance.now();
  const results = await work();
  const seconds = rounded((performance.now() - startedMs) / 1000);
  const calls = google.refreshes.slice(before);
  return {
    contender,
    rotation,
    expiries: credentials.length,
    succeeded: calls.filter(({ status }) => status === 200).length,
    failed: calls.filter(({ status }) => status !== 200).length,
    callersWithout: results.reduce((sum, one) => sum + one.failed, 0),
    waitsMs: results.flatMap((one) => one.waitsMs),
    lost: await countLost(means, google, credentials),
    seconds,
  };
}

function resultOf(bursts: Round[], tides: Round[], count: number): BenchResult {
  const kinds = rotations.flatMap((rotation) =>
    oauthContenders.map((contender) => ({ rotation, contender })),
  );
  const named = { none: "kept (Google)", strict: "rotated", until_used: "rotated" };
  const burstRow = ({ rotation, contender }: (typeof kinds)[number]): Cell[][] => {
    const mine = bursts.filter((one) => one.rotation === rotation && one.contender === contender);
    if (mine.length === 0) return [];
    const sum = (of: (one: Round) => number) => mine.reduce((total, one) => total + of(one), 0);
    const waits = mine.flatMap((one) => one.waitsMs);
    const all = sum((one) => one.expiries);
    const perExpiry = (of: (one: Round) => number) => rounded(sum(of) / all);
    const ms = [50, 95, 100].map((percent) => rounded(percentile(waits, percent)));
    return [
      [
        `${contender}, refresh token ${named[rotation]}`,
        perExpiry((one) => one.succeeded),
        perExpiry((one) => one.failed),
        perExpiry((one) => one.callersWithout),
        ...ms,
        `${sum((one) => one.lost)} of ${all}`,
      ],
    ];
  };
  const floorSeconds = rounded((count * delayMs) / 1000 / (processes * lanes));
  return {
    setup: { callers, expiries, processes, delayMs, failEvery, lanes, credentials: count, floorSeconds },
    tables: [
      {
        title: `${callers} callers at the instant of expiry (target 1.0 calls that succeed per expiry, 0 grants lost)`,
        columns: [
          "",
          "calls/expiry",
          "500s and refusals",
          "callers without",
          "p50 ms",
          "p95 ms",
          "max ms",
          "grants lost",
        ],
        rows: kinds.flatMap(burstRow),
      },
      {
        title: `${count} credentials expire at once (no better than ${floorSeconds} s with ${processes * lanes} calls in flight)`,
        columns: ["", "calls/credential", "500s and refusals", "seconds", "grants lost"],
        rows: tides.map((one) => [
          `${one.contender}, refresh token ${named[one.rotation]}`,
          rounded(one.succeeded / one.expiries),
          rounded(one.failed / one.expiries),
          one.seconds,
          one.lost,
        ]),
      },
    ],
    figures: {
      bursts: bursts.map(({ waitsMs, ...one }) => ({ ...one, p50: percentile(waitsMs, 50) })),
      tides: tides.map((one) => ({ ...one, waitsMs: undefined })),
    },
  };
}
