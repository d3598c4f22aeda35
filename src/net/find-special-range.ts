import { FederationError } from "../errors.ts";
import { type Address, isWithin, type Prefix, parsePrefix } from "./address.ts";
import { globalUnicast6, specialRanges4, specialRanges6 } from "./special-ranges.ts";

const known = (range: string): Prefix => {
  const prefix = parsePrefix(range);
  if (!prefix) throw new FederationError("internal", `${range} is no prefix.`);
  return prefix;
};
const ranges = [...specialRanges4, ...specialRanges6].map(({ range, name }) => ({
  prefix: known(range),
  name,
}));
const unicast6 = known(globalUnicast6);

/** The name of the range that makes this address no public host; undefined for one that is. */
export function findSpecialRange(address: Address): string | undefined {
  const found = ranges.find(({ prefix }) => isWithin(address, prefix));
  if (found) return found.name;
  return address.version === 6 && !isWithin(address, unicast6) ? "not global unicast" : undefined;
}
