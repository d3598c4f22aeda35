import { hc } from "hono/client";
import type { App } from "../app.ts";

/** A client whose paths, bodies and answers are typed by the routes themselves (hono RPC). */
export function createTypedClient(url: string, key: string) {
  return hc<App>(url, { headers: { authorization: `Bearer ${key}` } });
}
