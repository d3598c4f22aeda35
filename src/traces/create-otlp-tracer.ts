/**
 * Spans over OTLP/HTTP, by OpenTelemetry's own SDK. What must stay true: a collector that is slow, down or lying costs a
 * bounded queue and nothing else; what did not fit or did not arrive is dropped and counted. Nothing of the SDK is
 * global: the span that code runs under is kept here, so that two tracers in one process do not meet.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { hostname } from "node:os";
import { ROOT_CONTEXT, type Span as SdkSpan, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { parseTraceParent } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AlwaysOnSampler, TracerProvider } from "@opentelemetry/sdk-trace";
import type { TracesConfig } from "../config.ts";
import { codeOf } from "./code-of.ts";
import { createSpanQueue } from "./create-span-queue.ts";
import type { Attributes, Span, SpanWish, Tracer } from "./tracer.ts";

export interface OtlpTracerOptions extends TracesConfig {
  environment: string;
  process: string;
  /** Spans that wait for the collector. */
  queueMax?: number;
  /** Of one export, its retries included. */
  timeoutMs?: number;
  everyMs?: number;
}

export type OtlpTracer = Required<Tracer>;

const closeWithinMs = 2000;
const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

/** Connects to nothing yet. */
export function createOtlpTracer(options: OtlpTracerOptions): OtlpTracer {
  const queue = createSpanQueue(exporterOf(options), options);
  const provider = new TracerProvider({
    // A caller's flag that says "not sampled" is not obeyed: it would let them hide.
    sampler: new AlwaysOnSampler(),
    resource: resourceOf(options),
    spanLimits: { attributeValueLengthLimit: 256 },
    spanProcessors: [queue],
  });
  const tracer = provider.getTracer("federation");
  const under = new AsyncLocalStorage<SdkSpan>();
  const start = (name: string, { kind, parent, attributes = {} }: SpanWish) =>
    tracer.startSpan(name, { kind: kinds[kind], attributes: known(attributes) }, parentOf(parent, under));
  return {
    async span(name, wish, work) {
      const started = start(name, wish);
      try {
        return await under.run(started, () => work(spanOf(started)));
      } catch (error) {
        started.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) });
        throw error;
      } finally {
        started.end();
      }
    },
    current() {
      const span = under.getStore();
      return span && { traceId: span.spanContext().traceId, traceparent: traceparentOf(span) };
    },
    async close() {
      const limit = new Promise<void>((resolve) => setTimeout(resolve, closeWithinMs).unref());
      await Promise.race([provider.shutdown().catch(() => {}), limit]);
    },
    dropped: queue.dropped,
  };
}

function exporterOf({ endpoint, headers, timeoutMs = 5000 }: OtlpTracerOptions): OTLPTraceExporter {
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  return new OTLPTraceExporter({ url, headers: headers.reveal(), timeoutMillis: timeoutMs });
}

const resourceOf = ({ service, environment, process: name }: OtlpTracerOptions) =>
  resourceFromAttributes({
    "service.name": service ?? `federation-${name}`,
    "service.namespace": "federation",
    "service.instance.id": `${hostname()}:${process.pid}`,
    "deployment.environment.name": environment,
  });

function parentOf(parent: string | null | undefined, under: AsyncLocalStorage<SdkSpan>) {
  const given = parent && parseTraceParent(parent);
  if (given) return trace.setSpanContext(ROOT_CONTEXT, { ...given, traceFlags: 1, isRemote: true });
  const span = parent === undefined ? under.getStore() : undefined;
  return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
}

function spanOf(span: SdkSpan): Span {
  return {
    traceparent: traceparentOf(span),
    rename: (name) => void span.updateName(name),
    set: (attributes) => void span.setAttributes(known(attributes)),
    fail: (why) => void span.setStatus({ code: SpanStatusCode.ERROR, message: why }),
  };
}

/** https://www.w3.org/TR/trace-context/#traceparent-header, always sampled. */
function traceparentOf(span: SdkSpan): string {
  const { traceId, spanId } = span.spanContext();
  return `00-${traceId}-${spanId}-01`;
}

const known = (attributes: Attributes): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
