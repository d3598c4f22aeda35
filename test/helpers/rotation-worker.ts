// A worker that does nothing but rotate keys, to be killed: `bun rotation-worker.ts`, configured as jobs/worker.ts is.
import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "../../src/config.ts";
import { createWorkerDeps } from "../../src/deps.ts";
import { workRotations } from "../../src/keys/work-rotations.ts";
import { createLog } from "../../src/log.ts";

const config = loadConfig();
const deps = await createWorkerDeps(config, createLog(config, "rotation worker"));
const ended = new AbortController();
process.on("SIGTERM", () => ended.abort());
// A killed one's lease is over after a second, so that many can be killed in a minute.
while (!ended.signal.aborted) {
  await workRotations(deps, ended.signal, { leaseSeconds: 1 });
  await sleep(100);
}
await deps.close();
