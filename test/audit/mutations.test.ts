// Ten thousand random changes to an exported log, from one letter to a whole history written anew: each is found.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { type ExportedEvent, rowHash, verifyExport } from "../../templates/audit/verify-export.mjs";
import { chunksOf, type TrailWorld, trailWorld } from "./trail-world.ts";

let world: TrailWorld;
let bytes: Buffer;
let lines: string[];
let keys: string[];
beforeAll(async () => {
  world = await trailWorld();
  const streams = await Promise.all(Array.from({ length: 3 }, () => world.openStream()));
  for (const stream of streams) await world.append(stream, 12);
  await world.seal();
  for (const stream of streams) await world.append(stream, 3);
  bytes = await world.export();
  lines = bytes.toString("utf8").trimEnd().split("\n");
  keys = await world.publicKeys();
});
afterAll(() => world.close());

const randomOf = (seed: number) => {
  let state = seed >>> 0;
  // mulberry32
  return (below: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};
type Random = ReturnType<typeof randomOf>;

const isEvent = (line: string) => line.startsWith('{"stream"');
const eventsAt = () => lines.flatMap((line, at) => (isEvent(line) ? [at] : []));
const textOf = (changed: readonly string[]) => Buffer.from(`${changed.join("\n")}\n`);
const isFound = async (changed: Uint8Array) => {
  try {
    return !(await verifyExport(chunksOf(changed, 1 << 16), { key: keys })).ok;
  } catch {
    return true;
  }
};

/** Everything that can be made to fit is made to fit: hashes, ends, sums; only the key is not there. */
function rewritten(events: readonly string[]): Buffer {
  const forged: string[] = [];
  const ends: Record<string, { after_seq: number; previous: string; last_seq: number; hash: string }> = {};
  let count = 0;
  for (const line of events) {
    const item = JSON.parse(line) as {
      begin?: { stream: string; seq: number; hash: string };
    } & ExportedEvent;
    if (item.begin) {
      const { stream, seq, hash } = item.begin;
      ends[stream] = { after_seq: seq, previous: hash, last_seq: seq, hash };
      forged.push(line);
    } else if (isEvent(line)) {
      const end = ends[item.stream];
      if (!end) continue;
      const row = { ...item, seq: end.last_seq + 1 };
      row.hash = rowHash(row, end.hash);
      Object.assign(end, { last_seq: row.seq, hash: row.hash });
      forged.push(JSON.stringify(row));
      count += 1;
    } else if (!line.startsWith('{"manifest"')) forged.push(line);
  }
  const body = `${forged.join("\n")}\n`;
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const sha256 = createHash("sha256").update(body).digest("hex");
  const own = String(publicKey.export({ format: "jwk" }).x);
  const content = {
    version: 1,
    streams: ends,
    events: count,
    complete: true,
    whole: true,
    sha256,
    keys: { own },
    key_id: "own",
  };
  const manifest = JSON.stringify(content);
  const signature = sign(null, Buffer.from(manifest), privateKey).toString("base64url");
  return Buffer.from(`${body}${JSON.stringify({ manifest, signature })}\n`);
}

const changeField = (line: string, random: Random) => {
  const row = JSON.parse(line) as Record<string, unknown>;
  const names = Object.keys(row);
  const name = names[random(names.length)] ?? "actor";
  const value = row[name];
  const other =
    typeof value === "number" ? value + 1 + random(5) : value === null ? "x" : `${String(value)}x`;
  return JSON.stringify({ ...row, [name]: other });
};

const mutations: Record<string, (random: Random) => Uint8Array> = {
  "one field of one event": (random) => {
    const events = eventsAt();
    const at = events[random(events.length)] ?? 0;
    return textOf(lines.with(at, changeField(lines[at] ?? "", random)));
  },
  "one bit of the file": (random) => {
    const changed = Buffer.from(bytes);
    const at = random(changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << random(8));
    return changed;
  },
  "a line deleted": (random) => textOf(lines.toSpliced(random(lines.length), 1)),
  "a line twice": (random) => {
    const at = random(lines.length);
    return textOf(lines.toSpliced(at, 0, lines[at] ?? ""));
  },
  "two lines swapped": (random) => {
    const [a, b] = [random(lines.length), random(lines.length)];
    if (lines[a] === lines[b]) return textOf(lines.slice(1));
    return textOf(lines.with(a, lines[b] ?? "").with(b, lines[a] ?? ""));
  },
  "the tail cut": (random) => bytes.subarray(0, random(bytes.length - 1)),
  "some events cut from a stream's end, all sums made to fit": (random) => {
    const events = eventsAt();
    const at = events[random(events.length)] ?? 0;
    return rewritten(lines.filter((line, index) => !isEvent(line) || index < at));
  },
  "a field changed and the whole history written anew": (random) => {
    const events = eventsAt();
    const at = events[random(events.length)] ?? 0;
    return rewritten(lines.with(at, changeField(lines[at] ?? "", random)));
  },
  "a stream dropped, all sums made to fit": (random) => {
    const begins = lines.flatMap((line) => (line.startsWith('{"begin"') ? [line.slice(20, 56)] : []));
    const gone = begins[random(begins.length)] ?? "";
    return rewritten(lines.filter((line) => !line.includes(gone)));
  },
};

test("what was exported verifies, in whatever pieces it comes", async () => {
  for (const size of [1, 7, 4096, bytes.length]) {
    expect(await verifyExport(chunksOf(bytes, size), { key: keys })).toMatchObject({
      ok: true,
      events: eventsAt().length,
      checkpoint: 1,
    });
  }
});

describe("found, each time:", () => {
  const perKind = Math.ceil(10_000 / Object.keys(mutations).length);
  test.each(Object.entries(mutations).map(([name, mutate]) => ({ name, mutate })))(
    `${perKind} times $name`,
    async ({ mutate }) => {
      const missed = [];
      for (let seed = 1; seed <= perKind; seed++) {
        const changed = mutate(randomOf(seed * 7919));
        if (!(await isFound(changed))) missed.push(seed);
      }
      expect(missed).toEqual([]);
    },
  );
});

test("a history written anew and signed with another key verifies only for who pins no key, and is told so", async () => {
  const forged = rewritten(lines.filter((line) => !line.startsWith('{"proof"')));
  const unpinned = await verifyExport(chunksOf(forged));
  expect([unpinned.ok, unpinned.pinned]).toEqual([true, false]);
  expect((await verifyExport(chunksOf(forged), { key: keys })).ok).toBe(false);
  expect((await verifyExport(chunksOf(forged), { anchor: world.directory })).ok).toBe(true);
});
