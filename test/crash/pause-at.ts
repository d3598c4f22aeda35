import { expect } from "bun:test";
import type { Installation } from "../helpers/installation.ts";
import { type TestRun, untilRun } from "./department.ts";
import { dumpControl } from "./dump-control.ts";
import { untilTakenOver } from "./kill-at.ts";

/** Long enough for whatever the woken worker still wants to do. */
const watchMs = 3000;

/**
 * Submits and lets the worker that comes by the point be stopped; another one takes over in time and finishes. Then
 * the first one is woken and must change nothing. `stoppedMs`: stays stopped at least as long.
 */
export async function pauseAt(
  at: Installation,
  point: string,
  submit: () => Promise<TestRun>,
  stoppedMs = 0,
): Promise<TestRun> {
  at.arm(point, "SIGSTOP");
  const run = await submit();
  const { pid, atMs } = await at.fired(point);
  await untilTakenOver(at, run, atMs);
  await untilRun(at, run.id, "succeeded");
  await Bun.sleep(Math.max(0, atMs + stoppedMs - Date.now()));
  await wakeAndExpectNothing(at, run, pid);
  return run;
}

/** Wakes a stopped worker that had the run, and expects the tables to stay as they are. */
export async function wakeAndExpectNothing(at: Installation, run: TestRun, pid: number): Promise<void> {
  const before = await dumpControl(at);
  at.child(pid)?.kill("SIGCONT");
  await at.fired(`lost.${run.id}.${pid}`);
  await Bun.sleep(watchMs);
  expect(await dumpControl(at)).toEqual(before);
}
