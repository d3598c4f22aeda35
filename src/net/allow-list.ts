import { FederationError } from "../errors.ts";
import { type Address, isWithin, type Prefix, parseAddress, parsePrefix } from "./address.ts";
import type { Target } from "./parse-target.ts";

/** What an operator opened in spite of the ranges. */
export interface AllowList {
  /** The host as it is written in the URL, whatever it resolves to. */
  allowsTarget(target: Target): boolean;
  /** As `allowsTarget`, by an entry that names the port, too. */
  allowsPort(target: Target): boolean;
  allowsAddress(address: Address): boolean;
}

/** Reads `host`, `host:port`, `[v6]:port`, an address or a CIDR per entry. Throws `bad_configuration`. */
export function createAllowList(entries: readonly string[]): AllowList {
  const hosts = new Set<string>();
  const ports = new Set<string>();
  const prefixes: Prefix[] = [];
  for (const entry of entries.map((text) => text.toLowerCase())) {
    const prefix = parsePrefix(entry) ?? parsePrefix(`${entry}/${entry.includes(":") ? 128 : 32}`);
    const [, bracketed, name, port] =
      /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([1-9][0-9]{0,4}))?$/.exec(entry) ?? [];
    const host = bracketed ?? name;
    if (prefix) prefixes.push(prefix);
    else if (host === undefined || (bracketed !== undefined && !parseAddress(bracketed)))
      throw unreadable(entry);
    else if (port === undefined) hosts.add(host);
    else ports.add(`${host} ${port}`);
  }
  const allowsPort = ({ host, port }: Target) => ports.has(`${host} ${port}`);
  return {
    allowsPort,
    allowsTarget: (target) => hosts.has(target.host) || allowsPort(target),
    allowsAddress: (address) => prefixes.some((prefix) => isWithin(address, prefix)),
  };
}

const unreadable = (entry: string) =>
  new FederationError(
    "bad_configuration",
    `OUTBOUND_ALLOW: "${entry}" is no host, host:port, address or CIDR.`,
  );
