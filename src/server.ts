/** The web process: answers and enqueues; holds nothing that another one could not do. */
import { loadConfig } from "./config.ts";
import { createDeps } from "./deps.ts";
import { createLog } from "./log.ts";
import { closeOnSignal } from "./shutdown.ts";
import { openTracer } from "./traces/open-tracer.ts";
import { reportDropped } from "./traces/report-dropped.ts";

const config = loadConfig();
const tracer = await openTracer(config, "web");
const log = createLog(config, "web", { tracer });
// The routes are loaded while the database answers: a tenth of a second of a cold start.
const [deps, { createApp }] = await Promise.all([createDeps(config, log, tracer), import("./app.ts")]);
const app = createApp(deps);
const server = Bun.serve({
  port: config.port,
  hostname: config.host,
  idleTimeout: 60,
  fetch: (request, server) => app.fetch(request, { server }),
});
reportDropped(tracer, log);
log.info({ port: server.port }, "web ready");
closeOnSignal(log, [() => server.stop(), () => deps.close(), () => tracer.close()]);
