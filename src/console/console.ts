/**
 * The console's frame. It is the fourth edge: a page parses, calls the same verb as the API, renders. The order of the
 * middleware must stay: who is signed in, whether the form is ours, whether the matrix (authorization.ts) lets them, then
 * the page. A page shows what its verb answers to its caller, so a department's own people see their department only.
 * Every page and action is in the lists of pages/pages.ts; here is only what is none: files, the way in and out, the stream.
 */
import { Hono } from "hono";
import type { Env } from "../http/env.ts";
import { accessLog } from "../http/middleware/access-log.ts";
import { limitBody } from "../http/middleware/body.ts";
import { requestId } from "../http/middleware/request-id.ts";
import { securityHeaders } from "../http/middleware/security-headers.ts";
import { traceRequest } from "../http/middleware/trace-request.ts";
import { getFile } from "./assets.ts";
import type { ConsoleEnv } from "./env.ts";
import { ownForm } from "./middleware/form.ts";
import { mayOpen } from "./middleware/may-open.ts";
import { pageHeaders } from "./middleware/page-headers.ts";
import { answerNoPage, answerProblemPage } from "./middleware/problem-page.tsx";
import { session } from "./middleware/session.ts";
import { oidcPages } from "./pages/oidc.tsx";
import { actions, pages } from "./pages/pages.ts";
import * as signIn from "./pages/sign-in.tsx";
import { mountPages } from "./parts/mount-pages.tsx";
import { getRunEvents } from "./run-events.ts";

/** The console over what the web process has opened; does nothing until it is asked. */
export function createConsole(deps: Env["Variables"]["deps"]) {
  const base = new Hono<ConsoleEnv>();
  base.onError(answerProblemPage);
  base.notFound(answerNoPage);
  base.use(async (c, next) => (c.set("deps", deps), next()));
  base.use(
    pageHeaders(),
    requestId(),
    traceRequest(),
    accessLog(),
    securityHeaders(deps.config.publicUrl.startsWith("https://")),
  );
  base.use(limitBody(), session(), ownForm(), mayOpen());

  mountPages(base, { pages, actions });
  const oidc = oidcPages(deps.config.oidc, deps.tracer);

  return base
    .get("/console/:file", ...getFile)
    .get("/sign-in", ...signIn.getSignIn)
    .post("/sign-in", ...signIn.postSignIn())
    .get("/sign-in/oidc", ...oidc.start)
    .get("/sign-in/oidc/callback", ...oidc.finish)
    .post("/sign-out", ...signIn.postSignOut)
    .get("/runs/:id/events", ...getRunEvents);
}
