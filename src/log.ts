import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "./config.ts";
import { noTracer, type Tracer } from "./traces/tracer.ts";

/** One JSON line an event, to stdout. Errors are logged with their private cause; secrets print as `[secret]`. Below a span a line says its trace. */
export function createLog(
  config: Pick<Config, "logLevel">,
  process: string,
  { destination, tracer = noTracer }: { destination?: DestinationStream; tracer?: Tracer } = {},
): Logger {
  const mixin = () => {
    const span = tracer.current();
    return span ? { trace_id: span.traceId } : {};
  };
  return pino({ level: config.logLevel, base: { process }, messageKey: "message", mixin }, destination);
}
