// Many sealed values re-keyed while they are read and written, by a worker that is killed again and again.
import { randomInt } from "node:crypto";
import { parseSealed, seal } from "../../src/crypto/seal.ts";
import { loadKey } from "../../src/crypto/data-keys.ts";
import { countUses } from "../../src/keys/count-uses.ts";
import { rotateKey } from "../../src/keys/rotate.ts";
import { type KeyWorld, secretOf } from "../keys/world.ts";

export interface LoadOptions {
  departments: number;
  valuesEach: number;
  killsMin: number;
  readers?: number;
  writers?: number;
}

export interface LoadResult {
  values: number;
  seconds: number;
  kills: number;
  reads: number;
  failedReads: number;
  writes: number;
  failedWrites: number;
  /** Rotations that did not succeed. */
  unfinished: number;
  rowsLeft: number;
  /** Values that are not what was last written. */
  damaged: number;
  readMs: number[];
}

const worker = new URL("./rotation-worker.ts", import.meta.url).pathname;
const forMsMax = 540_000;

/** One data key per department, all rotated at once; every value is looked at before, meanwhile and afterwards. */
export async function rotateUnderLoad(world: KeyWorld, options: LoadOptions): Promise<LoadResult> {
  const { departments, valuesEach, killsMin, readers = 4, writers = 2 } = options;
  const ids: string[] = [];
  for (let index = 0; index < departments; index++) ids.push(await addValues(world, valuesEach));
  // So that plans fit the size, as autovacuum would see to.
  await world.admin`vacuum analyze federation.department_secret`;
  const load = createLoad(world, ids, valuesEach);
  const stopped = new AbortController();
  const loops = [
    ...Array.from({ length: readers }, () => load.readUntil(stopped.signal)),
    ...Array.from({ length: writers }, () => load.writeUntil(stopped.signal)),
  ];
  const startedAtMs = performance.now();
  const rotations = await Promise.all(ids.map((id) => rotateKey(world.ctx(), { department_id: id })));
  const kills = await killUntilDone(world, killsMin);
  const seconds = (performance.now() - startedAtMs) / 1000;
  await Bun.sleep(200);
  stopped.abort();
  await Promise.all(loops);
  const [ended] = await world.app<{ unfinished: number }[]>`
    select count(*)::int as unfinished from federation.key_rotation where status <> 'succeeded'`;
  const uses = await countUses(
    world.app,
    rotations.map((rotation) => rotation.from_id ?? ""),
  );
  return {
    values: departments * valuesEach,
    seconds,
    kills,
    ...load.counts,
    unfinished: ended?.unfinished ?? -1,
    rowsLeft: [...uses.values()].reduce((sum, count) => sum + count, 0),
    damaged: await load.countDamaged(),
  };
}

/** Sealed in bulk, past the vault, which asks for the key each time. */
async function addValues(world: KeyWorld, count: number): Promise<string> {
  const id = await world.addDepartment();
  const [active] = await world.app<{ id: string }[]>`
    select id from federation.data_key where department_id = ${id} and status = 'active'`;
  const key = await loadKey(world.app, world.keyMeans, active?.id ?? "", id);
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  const sealed = names.map((name) => {
    const place = { ...secretOf(id, name), environment: world.keyMeans.environment, rowVersion: 0 };
    return seal(key, place, `${id} ${name} 0`);
  });
  await world.app`insert into federation.department_secret (department_id, name, sealed, created_by_step)
    select ${id}, name, sealed, 'test' from unnest(${names}::text[], ${sealed}::text[]) as s (name, sealed)`;
  return id;
}

function createLoad(world: KeyWorld, ids: readonly string[], valuesEach: number) {
  const counts = { reads: 0, failedReads: 0, writes: 0, failedWrites: 0, readMs: [] as number[] };
  const written = new Map<string, number>();
  const busy = new Set<string>();
  const pick = () => {
    const [id = "", name] = [ids[randomInt(ids.length)], `s${randomInt(valuesEach)}`];
    return { id, name, row: `${id} ${name}` };
  };
  const readOne = async () => {
    const { id, name, row } = pick();
    const startedAtMs = performance.now();
    const [found] = await world.app<{ sealed: string }[]>`
      select sealed from federation.department_secret where department_id = ${id} and name = ${name}`;
    const value = await world.vault.open(secretOf(id, name), found?.sealed ?? "");
    counts.readMs.push(performance.now() - startedAtMs);
    if (!value.startsWith(`${row} `)) throw new Error("another row's value");
  };
  /** One writer to a row at a time, so that the last value of it is known. */
  const writeOne = async () => {
    const { id, name, row } = pick();
    if (busy.has(row)) return;
    busy.add(row);
    const version = (written.get(row) ?? 0) + 1;
    try {
      await retriedOnce(async () => {
        const sealed = await world.vault.seal(secretOf(id, name), `${row} ${version}`);
        await world.app`update federation.department_secret set sealed = ${sealed}
          where department_id = ${id} and name = ${name}`;
      });
      written.set(row, version);
      counts.writes += 1;
    } finally {
      busy.delete(row);
    }
  };
  const until = async (signal: AbortSignal, work: () => Promise<void>, onError: () => void) => {
    while (!signal.aborted) await work().catch(onError);
  };
  return {
    counts,
    readUntil: (signal: AbortSignal) =>
      until(
        signal,
        async () => (await readOne(), void (counts.reads += 1)),
        () => void (counts.failedReads += 1),
      ),
    writeUntil: (signal: AbortSignal) => until(signal, writeOne, () => void (counts.failedWrites += 1)),
    async countDamaged(): Promise<number> {
      let damaged = 0;
      for (const id of ids) {
        const rows = await world.app<{ name: string; sealed: string }[]>`
          select name, sealed from federation.department_secret where department_id = ${id}`;
        damaged += valuesEach - rows.length;
        for (const { name, sealed } of rows) {
          parseSealed(sealed);
          const value = await world.vault.open(secretOf(id, name), sealed).catch(() => "");
          if (value !== `${id} ${name} ${written.get(`${id} ${name}`) ?? 0}`) damaged += 1;
        }
      }
      return damaged;
    },
  };
}

/** As web answers 503 "try again" to a value that was sealed a moment too early. */
async function retriedOnce(work: () => Promise<void>): Promise<void> {
  await work().catch((error: { code?: string }) => (error.code === "40001" ? work() : Promise.reject(error)));
}

/** Kills each worker a moment after its first batch, until that was often enough; the last one may finish. */
async function killUntilDone(world: KeyWorld, killsMin: number): Promise<number> {
  let kills = 0;
  const deadlineMs = performance.now() + forMsMax;
  let child = spawnWorker(world);
  try {
    for (let seen = await progress(world); seen.running > 0;) {
      if (performance.now() > deadlineMs) throw new Error(`${seen.running} rotations still run`);
      await Bun.sleep(10);
      const now = await progress(world);
      if (kills < killsMin && now.steps > seen.steps) {
        await Bun.sleep(randomInt(60));
        child.kill("SIGKILL");
        await child.exited;
        kills += 1;
        child = spawnWorker(world);
        seen = await progress(world);
      } else if (kills >= killsMin || now.running === 0) seen = now;
    }
    return kills;
  } finally {
    child.kill("SIGTERM");
    await child.exited;
  }
}

async function progress(world: KeyWorld): Promise<{ running: number; steps: number }> {
  const [row] = await world.app<{ running: number; steps: number }[]>`
    select count(*) filter (where status = 'running')::int as running,
      (coalesce(sum(done), 0) + count(*) filter (where status <> 'running'))::int as steps
    from federation.key_rotation`;
  return row ?? { running: 0, steps: 0 };
}

function spawnWorker(world: KeyWorld) {
  return Bun.spawn([process.execPath, worker], {
    env: { PATH: process.env["PATH"], LOG_LEVEL: "error", ...world.environment },
    stdio: ["ignore", "inherit", "inherit"],
  });
}
