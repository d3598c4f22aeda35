import { type FederationError, unprocessable } from "../errors.ts";
import { type Address, parseAddress } from "./address.ts";

/** Where an outbound call goes. */
export interface Target {
  protocol: "http:" | "https:";
  /** A name in lower case, or an address without brackets. */
  host: string;
  /** Set when the host is written as an address. */
  address: Address | undefined;
  port: number;
  /** The `Host` header: with brackets, and with the port unless it is the protocol's own. */
  authority: string;
  /** Path and query. */
  path: string;
}

const urlLengthMax = 2000;

/**
 * Reads an http(s) URL that somebody else chose, in its plain spelling only: what a parser would have to normalise
 * (integer, octal or hexadecimal addresses, trailing dots, zones, escapes, credentials, backslashes, other alphabets) is
 * refused, so that no two readers can disagree about the host. Throws 422 `outbound_url_refused`.
 */
export function parseTarget(text: string): Target {
  if (text.length > urlLengthMax) throw refused(`is longer than ${urlLengthMax} letters`);
  if (!/^[\x21-\x7e]+$/.test(text) || text.includes("\\"))
    throw refused("has letters that are not plain ASCII; an international name is written as xn--…");
  const [, scheme = "", authority = ""] = /^(https?):\/\/([^/?#]+)/.exec(text) ?? [];
  if (authority === "") throw refused("is not http:// or https:// with a host");
  const [, written = "", digits] =
    /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?$/.exec(authority) ?? [];
  const host = written.replace(/^\[|\]$/g, "").toLowerCase();
  const address = parseAddress(host);
  const isName = !written.startsWith("[") && isHostName(host);
  if ((address?.version === 6) !== written.startsWith("[") || (!address && !isName))
    throw refused("has a host that is neither a plain name nor a plain address");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const understood =
    url && (address?.version === 6 ? sameAddress(url.hostname, address) : url.hostname === host);
  if (!url || !understood) throw refused("has a host that can be read in two ways");
  const port = digits === undefined ? (scheme === "https" ? 443 : 80) : Number(digits);
  if (port < 1 || port > 65_535 || String(port) !== (digits ?? String(port)))
    throw refused("has no valid port");
  const protocol = scheme === "https" ? "https:" : "http:";
  return { protocol, host, address, port, authority: url.host, path: `${url.pathname}${url.search}` };
}

/** Labels of letters, digits, `-` and `_`; the last one no number, which a resolver might take for an address. */
function isHostName(host: string): boolean {
  const labels = host.split(".");
  const last = labels.at(-1) ?? "";
  return (
    host.length <= 253 &&
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) &&
    !/^(0x[0-9a-f]*|[0-9]+)$/.test(last)
  );
}

function sameAddress(bracketed: string, address: Address): boolean {
  const parsed = parseAddress(bracketed.replace(/^\[|\]$/g, ""));
  return parsed?.version === 6 && parsed.value === address.value;
}

function refused(why: string): FederationError {
  const message = `The URL ${why}.`;
  return unprocessable("outbound_url_refused", message, [{ path: "url", message: why }]);
}
