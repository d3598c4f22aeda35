/**
 * One measurement in a process of its own: bun run.ts <contender> <databaseUrl> <load as JSON>.
 * Warm-up first, then a closed loop: `inFlight` slots that each submit the next run when theirs is finished.
 */
import { percentile } from "../harness/summary.ts";
import { sendResult } from "../harness/run-child.ts";
import type { EngineContender } from "./contender.ts";
import { linearSteps, parallelStepMs } from "./contender.ts";
import { loadEngine } from "./load.ts";

export interface Load {
  inFlight: number;
  warmUpRuns: number;
  /** The loop ends after this time or this number of runs, whatever comes first. */
  secondsMax: number;
  runsMax: number;
  /** Runs with five steps in parallel, one after the other, after the loop. */
  parallelRuns: number;
}

export interface Measured {
  version: string;
  settings: Record<string, string | number | boolean>;
  runs: number;
  runsPerSecond: number;
  /** Submit to first step. */
  pickupMs: number;
  /** Submit to finished, as the submitter sees it. */
  latencyMs: number;
  latencyP95Ms: number;
  /** First step to finished, divided by the steps: what the engine adds to each no-op. */
  stepMs: number;
  /** Wall time of a run with five parallel 50 ms steps, beyond those 50 ms. */
  parallelOverIdealMs: number | null;
}

interface RunMeasure {
  pickupMs: number;
  totalMs: number;
}

const [name = "", databaseUrl = "", loadText = ""] = Bun.argv.slice(2);
const load: Load = JSON.parse(loadText);
const contender = await loadEngine(name);
await contender.setup(databaseUrl, load.inFlight);
await drive(contender, { ...load, runsMax: load.warmUpRuns });
const startedAtMs = performance.now();
const runs = await drive(contender, load);
const seconds = (performance.now() - startedAtMs) / 1000;
const parallel = await parallelOverIdeal(contender, load.parallelRuns);
await contender.close();
sendResult(measured(contender, runs, seconds, parallel));
process.exit(0);

async function drive(
  engine: EngineContender,
  { inFlight, runsMax, secondsMax }: Load,
): Promise<RunMeasure[]> {
  const deadlineMs = performance.now() + secondsMax * 1000;
  const measures: RunMeasure[] = [];
  let submitted = 0;
  const slot = async () => {
    while (submitted < runsMax && performance.now() < deadlineMs) {
      submitted += 1;
      measures.push(await timed(() => engine.linear()));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, slot));
  return measures;
}

async function parallelOverIdeal(engine: EngineContender, count: number): Promise<number | null> {
  if (count === 0) return null;
  const overMs: number[] = [];
  for (let index = -1; index < count; index += 1) {
    const { pickupMs, totalMs } = await timed(() => engine.parallel());
    if (index >= 0) overMs.push(totalMs - pickupMs - parallelStepMs);
  }
  return percentile(overMs, 50);
}

async function timed(run: () => ReturnType<EngineContender["linear"]>): Promise<RunMeasure> {
  const submittedAtMs = performance.now();
  const { firstStepAtMs } = await run();
  return { pickupMs: firstStepAtMs - submittedAtMs, totalMs: performance.now() - submittedAtMs };
}

function measured(
  engine: EngineContender,
  all: RunMeasure[],
  wallSeconds: number,
  parallelOverIdealMs: number | null,
): Measured {
  const totals = all.map((run) => run.totalMs);
  return {
    version: engine.version,
    settings: engine.settings,
    runs: all.length,
    runsPerSecond: all.length / wallSeconds,
    pickupMs: percentile(
      all.map((run) => run.pickupMs),
      50,
    ),
    latencyMs: percentile(totals, 50),
    latencyP95Ms: percentile(totals, 95),
    stepMs: percentile(
      all.map((run) => (run.totalMs - run.pickupMs) / linearSteps),
      50,
    ),
    parallelOverIdealMs,
  };
}
