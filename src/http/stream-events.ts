import type { SSEStreamingApi } from "hono/streaming";
import type { Ctx } from "../context.ts";
import type { ProgressEvent } from "../provisioning/watch.ts";

const keepAliveMs = 15_000;
const recheckMs = 1000;

/**
 * Writes events until they end, the client goes away or may no longer see them (asked every second), with a comment
 * every 15 s for the proxies in between.
 */
export async function streamEvents(
  ctx: Ctx,
  stream: SSEStreamingApi,
  events: (signal: AbortSignal) => AsyncIterable<ProgressEvent>,
  mayStillSee: () => Promise<boolean>,
): Promise<void> {
  const gone = new AbortController();
  stream.onAbort(() => gone.abort());
  const keepAlive = setInterval(() => void stream.write(": keep-alive\n\n"), keepAliveMs);
  const recheck = setInterval(() => {
    void mayStillSee().then((allowed) => (allowed ? undefined : gone.abort()));
  }, recheckMs);
  try {
    for await (const { id, event, data } of events(gone.signal)) {
      await stream.writeSSE({ id: String(id), event, data: JSON.stringify(data) });
      if (stream.aborted) return;
    }
  } catch (err) {
    ctx.log.error({ err, request_id: ctx.requestId }, "event stream ended early");
  } finally {
    clearInterval(keepAlive);
    clearInterval(recheck);
    gone.abort();
  }
}
