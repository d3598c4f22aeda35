// Who may open what in the console: one row per page and action. A route without a row is refused, and a test walks the
// router for one. `anyone` needs no session; the rest is as in src/http/authorization.ts.
import type { Scope } from "../members/scopes.ts";
import { pagesAuthorization } from "./pages/pages.ts";
import type { Access } from "../http/authorization.ts";

const anyone: Access = { callers: "anyone" };
const signedIn: Access = { callers: "own" };
const platform = (scope: Scope): Access => ({ callers: "platform", scope });
const own = (scope: Scope): Access => ({ callers: "own", scope });

export const consoleAuthorization: Readonly<Record<string, Access>> = {
  "GET /console/:file": anyone,
  "GET /sign-in": anyone,
  "POST /sign-in": anyone,
  "GET /sign-in/oidc": anyone,
  "GET /sign-in/oidc/callback": anyone,
  "POST /sign-out": signedIn,

  "GET /": own("departments:read"),
  "GET /departments/:id": own("departments:read"),
  "GET /departments/:id/config": own("departments:read"),
  "GET /departments/:id/queries": own("audit:read"),
  "POST /departments/:id/config/rollback": platform("departments:write"),
  "POST /departments/:id/upgrade": platform("runs:write"),
  "POST /departments/:id/move": platform("runs:write"),
  "POST /departments/:id/lockdown": own("departments:write"),
  "POST /departments/:id/unlock": platform("departments:write"),
  "POST /departments/:id/deprovision": platform("runs:write"),
  "GET /new": platform("runs:write"),
  "POST /new": platform("runs:write"),
  "GET /runs": own("departments:read"),
  "GET /runs/:id": own("departments:read"),
  "GET /runs/:id/events": own("departments:read"),
  "POST /runs/:id/retry": platform("runs:write"),
  "POST /runs/:id/cancel": platform("runs:write"),
  ...pagesAuthorization,
};

const firstSegments = new Set(
  Object.keys(consoleAuthorization).map((route) => firstSegment(route.split(" ")[1] ?? "")),
);

/** Whether a path is one of the console's; every other one is the API's. */
export const isConsolePath = (path: string): boolean => firstSegments.has(firstSegment(path));

function firstSegment(path: string): string {
  return path.split("/")[1] ?? "";
}
