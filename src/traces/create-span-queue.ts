import { ExportResultCode } from "@opentelemetry/core";
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from "@opentelemetry/sdk-trace";

export interface SpanQueue extends SpanProcessor {
  /** Spans that did not fit, and those of exports that failed. */
  dropped(): number;
}

interface Bounds {
  queueMax?: number;
  timeoutMs?: number;
  everyMs?: number;
}

/** Ended spans on their way out: at most `queueMax` that wait or are being sent, the rest is dropped and counted. */
export function createSpanQueue(exporter: SpanExporter, bounds: Bounds): SpanQueue {
  const { queueMax = 2048, timeoutMs = 5000, everyMs = 1000 } = bounds;
  let waiting = 0;
  let dropped = 0;
  const counted: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        waiting -= spans.length;
        if (result.code !== ExportResultCode.SUCCESS) dropped += spans.length;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
  const batches = new BatchSpanProcessor({
    exporter: counted,
    maxQueueSize: queueMax,
    maxExportBatchSize: Math.min(queueMax, 256),
    scheduledDelayMillis: everyMs,
    exportTimeoutMillis: timeoutMs + 1000,
  });
  return {
    onStart: () => {},
    onEnd(span) {
      if (waiting >= queueMax) {
        dropped += 1;
        return;
      }
      waiting += 1;
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
    dropped: () => dropped,
  };
}
