import { lookup } from "node:dns/promises";
import { FederationError, unprocessable } from "../errors.ts";
import { type Address, parseAddress } from "./address.ts";
import type { AllowList } from "./allow-list.ts";
import { findSpecialRange } from "./find-special-range.ts";
import type { Target } from "./parse-target.ts";

/** Every address of a name, in their usual spelling. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** The machine's own resolver. */
export const resolveBySystem: Resolve = async (name) => {
  const found = await lookup(name, { all: true, verbatim: true });
  return found.map(({ address }) => address);
};

const addressesMax = 8;

/**
 * The addresses a call to this target may connect to, looked up once; nobody resolves the name again. One address that
 * is not public refuses the whole name. Throws 422 `outbound_url_refused` for a port below 1024 other than 80 and 443,
 * `outbound_no_public_address` for a name that does not resolve or not to public addresses: which of the two is not told.
 */
export async function pin(target: Target, allow: AllowList, resolve: Resolve): Promise<string[]> {
  if (target.port < 1024 && target.port !== 80 && target.port !== 443 && !allow.allowsPort(target))
    throw portRefused();
  const texts = target.address ? [target.host] : await resolve(target.host).catch(noAddress);
  if (texts.length === 0) throw noPublicAddress("no address");
  if (!allow.allowsTarget(target)) {
    const refusal = texts
      .map((text) => refusalOf(parseAddress(text), allow))
      .find((why) => why !== undefined);
    if (refusal !== undefined) throw noPublicAddress(refusal);
  }
  // IPv4 first: an IPv6 address without a route is the commoner case.
  return texts.toSorted((a, b) => Number(a.includes(":")) - Number(b.includes(":"))).slice(0, addressesMax);
}

function refusalOf(address: Address | undefined, allow: AllowList): string | undefined {
  if (!address) return "unreadable address";
  return allow.allowsAddress(address) ? undefined : findSpecialRange(address);
}

function noAddress(cause: unknown): never {
  throw noPublicAddress("not resolved", cause);
}

function portRefused(): FederationError {
  const message = "Of the ports below 1024 only 80 and 443 are called.";
  return unprocessable("outbound_url_refused", message, [{ path: "url", message }]);
}

function noPublicAddress(why: string, cause?: unknown): FederationError {
  const message = "The host has no public address, or one that is not public.";
  return new FederationError("outbound_no_public_address", message, {
    status: 422,
    retryable: true,
    cause: cause ?? new Error(why),
  });
}
