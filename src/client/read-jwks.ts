import { readFile } from "node:fs/promises";
import { FederationError } from "../errors.ts";
import type { Json } from "../json.ts";

const timeoutMs = 10_000;

/** A JWKS (RFC 7517) from a file or an http(s) address. Throws `jwks_unreadable`. */
export async function readJwks(place: string): Promise<Json> {
  try {
    return JSON.parse(/^https?:\/\//.test(place) ? await load(place) : await readFile(place, "utf8"));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "error";
    throw new FederationError("jwks_unreadable", `There is no JWKS at ${place}: ${why}`, {
      status: 422,
      cause,
    });
  }
}

async function load(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: "error" });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  return response.text();
}
