import { expect } from "bun:test";
import { type Installation, until } from "../helpers/installation.ts";
import { readRun, type TestRun } from "./department.ts";

/** What the product promises: from kill -9 to resumed. */
const resumedWithinMs = 5000;

/**
 * Submits, waits until the worker that comes by the point is gone, and expects another one to take the run over in
 * time. Answers the run, and how long it took unless the run was over already. A new worker comes for the dead one, meanwhile.
 */
export async function killAt(at: Installation, point: string, submit: () => Promise<TestRun>) {
  at.arm(point, "SIGKILL");
  const run = await submit();
  const fired = await at.fired(point);
  const [takeoverMs] = await Promise.all([untilTakenOver(at, run, fired.atMs), at.startWorker()]);
  return { run, takeoverMs };
}

/** Milliseconds from `sinceMs` to the next claim of the run; undefined when it was over. */
export async function untilTakenOver(at: Installation, { id }: TestRun, sinceMs: number) {
  const { epoch, over } = await readRun(at, id);
  if (over) return undefined;
  await until("another worker has the run", async () => {
    const now = await readRun(at, id);
    return now.epoch > epoch || now.over;
  });
  const takeoverMs = Date.now() - sinceMs;
  expect(takeoverMs).toBeLessThanOrEqual(resumedWithinMs);
  return takeoverMs;
}

/** The kill at an armed point, or "over" when the run ended without coming by it. */
export function untilFiredOrOver(at: Installation, { id }: TestRun, point: string) {
  return until("a worker was killed, or the run is over", async () => {
    const seen = await at.firedYet(point);
    if (seen) return seen;
    if (!(await readRun(at, id)).over) return false;
    // What ends the run is stored before the worker comes by the point behind it.
    await Bun.sleep(500);
    return (await at.firedYet(point)) ?? ("over" as const);
  });
}
