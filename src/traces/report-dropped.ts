import type { Logger } from "pino";
import type { Tracer } from "./tracer.ts";

const everyMs = 60_000;

/** Says in the log, once a minute at most, how many spans the collector did not get. */
export function reportDropped(tracer: Tracer, log: Logger): void {
  const { dropped } = tracer;
  if (!dropped) return;
  let told = 0;
  const tell = () => {
    const count = dropped();
    if (count > told) log.warn({ count: count - told, total: count }, "spans dropped");
    told = count;
  };
  setInterval(tell, everyMs).unref();
}
