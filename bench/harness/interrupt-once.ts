import postgres from "postgres";
import { linearSteps, type TakeoverContender } from "../contenders/contender.ts";
import { effectMs, effectsTable } from "../contenders/effects.ts";

export const capSeconds = 150;
export type Signal = "SIGKILL" | "SIGSTOP";

export interface Interrupted {
  signal: Signal;
  /** Steps begun when the worker was interrupted. */
  stepsBegun: number;
  /** Signal to the first step executed by another worker; null when not within the cap. */
  takeoverSeconds: number | null;
  /** Effects of steps that had been recorded as done before. */
  duplicates: number;
  /** Steps interrupted half way and executed again, which is allowed. */
  repeated: number;
}

interface Effect {
  step: string;
  pid: number;
  atMs: number;
}

/** One run, two workers; the one that carries the run gets the signal at a random moment. */
export async function interruptOnce(
  contender: TakeoverContender,
  databaseUrl: string,
  signal: Signal,
): Promise<Interrupted> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const run = crypto.randomUUID();
  const effects = () => effectsOf(sql, run);
  await sql.unsafe(effectsTable);
  await contender.setup(databaseUrl);
  const workers = [
    await startWorker(contender, databaseUrl, "one"),
    await startWorker(contender, databaseUrl, "two"),
  ];
  try {
    await contender.submit(databaseUrl, run);
    const begun = await interruptCarrier(effects, signal);
    await Bun.sleep(50);
    const doneBefore = new Set(await contender.doneSteps(databaseUrl, run));
    const isOther = (effect: Effect) => effect.pid !== begun.pid && effect.atMs > begun.atMs;
    const taken = await until(capSeconds, async () => (await effects()).find(isOther));
    let finishedAtMs = Number.POSITIVE_INFINITY;
    if (taken) {
      await until(
        60,
        async () => new Set(await contender.doneSteps(databaseUrl, run)).size === linearSteps || undefined,
      );
      finishedAtMs = await nowMs(sql);
      if (signal === "SIGSTOP") process.kill(begun.pid, "SIGCONT");
      await Bun.sleep(signal === "SIGSTOP" ? 1500 : 0);
    }
    const late = (await effects()).filter((effect) => effect.atMs > begun.atMs);
    const duplicates = late.filter(
      (effect) => doneBefore.has(effect.step) || effect.atMs > finishedAtMs,
    ).length;
    const stepsSeen = new Set(begun.effects.map((effect) => effect.step));
    const repeated = late.filter(
      (effect) => stepsSeen.has(effect.step) && !doneBefore.has(effect.step),
    ).length;
    const takeoverSeconds = taken ? (taken.atMs - begun.atMs) / 1000 : null;
    return { signal, stepsBegun: stepsSeen.size, takeoverSeconds, duplicates, repeated };
  } finally {
    for (const worker of workers) worker.kill("SIGKILL");
    await Promise.all(workers.map((worker) => worker.exited));
    await sql.end();
  }
}

async function interruptCarrier(effects: () => Promise<Effect[]>, signal: Signal) {
  const stepsBefore = 1 + Math.floor(Math.random() * (linearSteps - 2));
  const reached = await until(30, async () => {
    const seen = await effects();
    return seen.length >= stepsBefore ? seen : undefined;
  });
  if (!reached) throw new Error("no worker began the run within 30 s");
  await Bun.sleep(Math.random() * effectMs);
  const pid = reached.at(-1)?.pid ?? 0;
  const atMs = Date.now();
  process.kill(pid, signal);
  return { pid, atMs, effects: await effects() };
}

async function startWorker({ workerScript }: TakeoverContender, databaseUrl: string, name: string) {
  const worker = Bun.spawn([process.execPath, workerScript, databaseUrl, name], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const ready = Promise.withResolvers<void>();
  void drain(worker.stdout, (text) => {
    if (text.split("\n").includes("ready")) ready.resolve();
  });
  const ended = worker.exited.then((code) => {
    throw new Error(`${workerScript} ended with ${code} before it was ready`);
  });
  await Promise.race([ready.promise, ended]);
  ended.catch(() => {});
  return worker;
}

/** Reads on to the end, so that a worker that logs is never stopped by a full or closed pipe. */
async function drain(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onText: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text = (text + decoder.decode(chunk, { stream: true })).slice(-4000);
    onText(text);
  }
}

async function effectsOf(sql: postgres.Sql, run: string): Promise<Effect[]> {
  return await sql<Effect[]>`
    select step, pid, (extract(epoch from at) * 1000)::float8 as "atMs" from effects where run = ${run} order by id`;
}

async function nowMs(sql: postgres.Sql): Promise<number> {
  const rows = await sql<
    { now: number }[]
  >`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`;
  return rows[0]?.now ?? 0;
}

/** Asks every 10 ms until there is an answer; undefined when there was none in time. */
async function until<Answer>(
  seconds: number,
  ask: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  const deadlineMs = performance.now() + seconds * 1000;
  while (performance.now() < deadlineMs) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await Bun.sleep(10);
  }
  return undefined;
}
