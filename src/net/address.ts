export interface Address {
  version: 4 | 6;
  value: bigint;
}

export interface Prefix extends Address {
  length: number;
}

/** An address in its usual spelling; undefined for any other (integers, octal, short forms, zones, prefixes). */
export function parseAddress(text: string): Address | undefined {
  const four = parse4(text);
  if (four !== undefined) return { version: 4, value: four };
  const six = parse6(text);
  return six === undefined ? undefined : { version: 6, value: six };
}

/** `address/length`; undefined for what is none. */
export function parsePrefix(text: string): Prefix | undefined {
  const [, base = "", digits = ""] = /^([^/]+)\/([0-9]{1,3})$/.exec(text) ?? [];
  const address = parseAddress(base);
  const length = Number(digits);
  if (!address || digits === "" || length > bitsOf(address)) return undefined;
  return { ...address, length };
}

export function isWithin(address: Address, prefix: Prefix): boolean {
  const shift = BigInt(bitsOf(prefix) - prefix.length);
  return address.version === prefix.version && address.value >> shift === prefix.value >> shift;
}

const bitsOf = ({ version }: Address) => (version === 4 ? 32 : 128);

function parse4(text: string): bigint | undefined {
  const parts = text.split(".");
  const canonical = parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
  if (parts.length !== 4 || !canonical) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** RFC 4291 §2.2: eight groups, one `::` for the zeros, the last two groups maybe as an IPv4 address. */
function parse6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, at) => groupsOf(half, at === halves.length - 1));
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const given = head.length + (tail?.length ?? 0);
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const groups = [...head, ...Array.from({ length: 8 - given }, () => 0n), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

function groupsOf(half: string, isLast: boolean): bigint[] | undefined {
  if (half === "") return [];
  const parts = half.split(":");
  const groups: bigint[] = [];
  for (const [at, part] of parts.entries()) {
    const four = isLast && at === parts.length - 1 ? parse4(part) : undefined;
    if (four !== undefined) groups.push(four >> 16n, four & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
