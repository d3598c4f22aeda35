/**
 * Every page of the console, in order. It is the fourth edge: a page parses, calls the same verb as the API, renders.
 * The order of the middleware must stay: who is signed in, whether the form is ours, whether the matrix
 * (authorization.ts) lets them, then the page. A page shows what its verb answers to its caller, so a department's own
 * people see their department only.
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
import * as department from "./pages/department.tsx";
import * as actions from "./pages/department-actions.ts";
import * as config from "./pages/department-config.tsx";
import * as queries from "./pages/department-queries.tsx";
import * as fleet from "./pages/fleet.tsx";
import * as newDepartment from "./pages/new-department.tsx";
import { oidcPages } from "./pages/oidc.tsx";
import * as run from "./pages/run.tsx";
import * as runs from "./pages/runs.tsx";
import { mountPages } from "./parts/mount-pages.tsx";
import { actions as actionsAround, pages } from "./pages/pages.ts";
import * as signIn from "./pages/sign-in.tsx";

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

  mountPages(base, { pages, actions: actionsAround });
  const oidc = oidcPages(deps.config.oidc, deps.tracer);

  return base
    .get("/console/:file", ...getFile)
    .get("/sign-in", ...signIn.getSignIn)
    .post("/sign-in", ...signIn.postSignIn())
    .get("/sign-in/oidc", ...oidc.start)
    .get("/sign-in/oidc/callback", ...oidc.finish)
    .post("/sign-out", ...signIn.postSignOut)

    .get("/", ...fleet.getFleet)
    .get("/departments/:id", ...department.getDepartment)
    .get("/departments/:id/config", ...config.getConfig)
    .get("/departments/:id/queries", ...queries.getQueries)
    .post("/departments/:id/config/rollback", ...config.postRollback)
    .post("/departments/:id/upgrade", ...actions.postUpgrade)
    .post("/departments/:id/move", ...actions.postMove)
    .post("/departments/:id/lockdown", ...actions.postLockdown)
    .post("/departments/:id/unlock", ...actions.postUnlock)
    .post("/departments/:id/deprovision", ...actions.postDeprovision)
    .get("/new", ...newDepartment.getNew)
    .post("/new", ...newDepartment.postNew)
    .get("/runs", ...runs.getRuns)
    .get("/runs/:id", ...run.getRun)
    .get("/runs/:id/events", ...run.getRunEvents)
    .post("/runs/:id/retry", ...run.postRetry)
    .post("/runs/:id/cancel", ...run.postCancel);
}
