import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { findConsoleSession } from "../console-sessions/find.ts";
import { idParam } from "../http/params.ts";
import { streamEvents } from "../http/stream-events.ts";
import { showProgress } from "../provisioning/progress.ts";
import { watchProgress } from "../provisioning/watch.ts";
import { consoleCtx, consoleFactory, sessionOf } from "./env.ts";

/** The API's stream, by the session's cookie; it ends within a second of the session. */
export const getRunEvents = consoleFactory.createHandlers(async (c) => {
  const ctx = consoleCtx(c);
  const id = idParam(c as Context);
  await showProgress(ctx, id);
  if (c.req.raw.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream" });
  const { token } = sessionOf(c);
  const last = z.coerce.number().int().min(0).safeParse(c.req.header("last-event-id"));
  const mayStillSee = () =>
    findConsoleSession(ctx, token, { touch: false }).then(
      (found) => found?.caller.scopes.has("departments:read") ?? false,
      () => true,
    );
  return streamSSE(c, (stream) =>
    streamEvents(ctx, stream, (signal) => watchProgress(ctx, id, { after: last.data, signal }), mayStillSee),
  );
});
