import type { Config } from "../config.ts";
import { noTracer, type Tracer } from "./tracer.ts";

/** The tracer of a process (`web`, `worker`). Without a collector none of OpenTelemetry's modules is loaded. */
export async function openTracer(config: Readonly<Config>, process: string): Promise<Tracer> {
  const { traces, environment } = config;
  if (!traces) return noTracer;
  const { createOtlpTracer } = await import("./create-otlp-tracer.ts");
  return createOtlpTracer({ ...traces, environment, process });
}
