// Who may open what in the console: a page and an action say it themselves, the rest has a row here. A route without one
// is refused, and a test walks the router for it. `anyone` needs no session; the rest is as in src/http/authorization.ts.
import type { Access } from "../http/authorization.ts";
import { actions, pages } from "./pages/pages.ts";

const anyone: Access = { callers: "anyone" };

export const consoleAuthorization: Readonly<Record<string, Access>> = {
  "GET /console/:file": anyone,
  "GET /sign-in": anyone,
  "POST /sign-in": anyone,
  "GET /sign-in/oidc": anyone,
  "GET /sign-in/oidc/callback": anyone,
  "POST /sign-out": { callers: "own" },
  "GET /runs/:id/events": { callers: "own", scope: "departments:read" },
  ...Object.fromEntries(pages.map(({ path, access }) => [`GET ${path}`, access])),
  ...Object.fromEntries(actions.map(({ path, access }) => [`POST ${path}`, access])),
};

const firstSegments = new Set(
  Object.keys(consoleAuthorization).map((route) => firstSegment(route.split(" ")[1] ?? "")),
);

/** Whether a path is one of the console's; every other one is the API's. */
export const isConsolePath = (path: string): boolean => firstSegments.has(firstSegment(path));

function firstSegment(path: string): string {
  return path.split("/")[1] ?? "";
}
