/** The worker process: carries runs and does the scheduled jobs. Everything it holds can be taken over after kill -9. */
import { loadConfig } from "../src/config.ts";
import { createWorkerDeps } from "../src/deps.ts";
import { createLog } from "../src/log.ts";
import { closeOnSignal } from "../src/shutdown.ts";
import { openTracer } from "../src/traces/open-tracer.ts";
import { reportDropped } from "../src/traces/report-dropped.ts";
import { startJobs } from "./jobs.ts";

const config = loadConfig();
const tracer = await openTracer(config, "worker");
const log = createLog(config, "worker", { tracer });
const deps = await createWorkerDeps(config, log, { tracer });
const jobs = await startJobs(deps);
reportDropped(tracer, log);
log.info("worker ready");
closeOnSignal(log, [() => jobs.close(), () => deps.close(), () => tracer.close()]);
