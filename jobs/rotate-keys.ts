import { workRotations } from "../src/keys/work-rotations.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

/** The next sweep goes on with what is not finished by then. */
const forMs = 600_000;

/** Carries on whatever rotation of keys nobody carries: new ones, due ones, those of a worker that was killed. */
export async function rotateKeys(deps: WorkerDeps): Promise<void> {
  const ended = await workRotations(deps, AbortSignal.timeout(forMs));
  if (ended > 0) deps.log.info({ ended }, "rotations of keys ended");
}
