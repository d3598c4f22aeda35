// jobs/worker.ts that ends, stops or fails where the test says: `bun killable-worker.ts <directory of points>`.
// TEST_RAILWAY_PACE: changes to Railway's pace, as JSON.
// Points: `<step>.begun|settled|stored` (`undo.<step>.…` while a run is taken back), `before|after.host|vault.<method>`.
import { startJobs } from "../../jobs/jobs.ts";
import { loadConfig } from "../../src/config.ts";
import { createWorkerDeps } from "../../src/deps.ts";
import { FederationError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { logEngine } from "../../src/provisioning/log-engine.ts";
import type { EngineEvent } from "../../src/provisioning/run-steps.ts";
import { closeOnSignal } from "../../src/shutdown.ts";
import { openTracer } from "../../src/traces/open-tracer.ts";
import { noteFired, passPoint } from "./killable-points.ts";

const [directory = ""] = process.argv.slice(2);
const config = loadConfig();
const tracer = await openTracer(config, "worker");
const log = createLog(config, "worker", { tracer });
const pace = process.env["TEST_RAILWAY_PACE"];
const deps = await createWorkerDeps(config, log, {
  tracer,
  ...(pace && { railwayPace: JSON.parse(pace) }),
});
const hosts = new Map([...deps.hosts].map(([name, host]) => [name, watched("host", host)]));
const jobs = await startJobs({ ...deps, hosts, vault: watched("vault", deps.vault) }, createObserver());
noteFired(directory, `ready.${process.pid}`);
closeOnSignal(log, [() => jobs.close(), () => deps.close(), () => tracer.close()]);

function createObserver() {
  const logEvent = logEngine(log);
  const settled = new Set<string>();
  return (event: EngineEvent) => {
    logEvent(event);
    const lost = event.type === "crashed" || (event.type === "left" && event.status === "lost");
    if (lost) noteFired(directory, `lost.${event.run.id}.${process.pid}`);
    if (event.type !== "begun" && event.type !== "settled" && event.type !== "stored") return;
    const step = event.run.status === "rolling_back" ? `undo.${event.step}` : event.step;
    const attempt = `${event.run.id} ${step}`;
    if (event.type === "settled") settled.add(attempt);
    // The row is also stored when the step begins; the place is where its result is.
    if (event.type === "stored" && !settled.delete(attempt)) return;
    passPoint(directory, `${step}.${event.type}`);
  };
}

/** The same object with a point before and after each call. */
function watched<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key);
      if (typeof value !== "function") return value;
      const point = `${name}.${String(key)}`;
      return (...args: unknown[]) => {
        failAt(`before.${point}`);
        const result: unknown = Reflect.apply(value, object, args);
        if (!(result instanceof Promise)) return result;
        return result.then((answer: unknown) => (passPoint(directory, `after.${point}`), answer));
      };
    },
  });
}

function failAt(point: string) {
  try {
    passPoint(directory, point);
  } catch (cause) {
    throw new FederationError("made_to_fail", "The test lets this fail.", { cause });
  }
}
