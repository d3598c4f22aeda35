/** The worker process: carries runs and does the scheduled jobs. Everything it holds can be taken over after kill -9. */
import { loadConfig } from "../src/config.ts";
import { createWorkerDeps } from "../src/deps.ts";
import { createLog } from "../src/log.ts";
import { closeOnSignal } from "../src/shutdown.ts";
import { startJobs } from "./jobs.ts";

const config = loadConfig();
const log = createLog(config, "worker");
const deps = await createWorkerDeps(config, log);
const jobs = await startJobs(deps);
log.info("worker ready");
closeOnSignal(log, [() => jobs.close(), () => deps.close()]);
