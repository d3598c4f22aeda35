import type { HostChange } from "./host.ts";

/** How the variables found differ from those wanted: by name, without a value. */
export function compareVariables(
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): HostChange[] {
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  return [...names].toSorted().flatMap((name): HostChange[] => {
    const [value, present] = [wanted[name], found[name]];
    if (value === present) return [];
    if (present === undefined) return [{ part: "variable", name, change: "missing" }];
    return [{ part: "variable", name, change: value === undefined ? "extra" : "changed" }];
  });
}

/** Nothing where both are the same; `found` is null where there is none. */
export function compareSetting(
  part: Exclude<HostChange["part"], "variable">,
  name: string,
  wanted: string | number,
  found: string | number | null,
): HostChange[] {
  if (wanted === found) return [];
  if (found === null) return [{ part, name, change: "missing", wanted: String(wanted) }];
  return [{ part, name, change: "changed", wanted: String(wanted), found: String(found) }];
}

/** The host has nothing of the agent. */
export const serviceMissing: HostChange[] = [{ part: "service", name: "agent", change: "missing" }];
