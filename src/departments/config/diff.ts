import type { Ctx } from "../../context.ts";
import type { Json, JsonObject } from "../../json.ts";
import { resolveDepartment } from "../resolve.ts";
import { readVersion } from "./show.ts";

export interface ConfigChange {
  /** Such as `custom_config.voice`. */
  path: string;
  change: "added" | "removed" | "changed";
  from?: Json;
  to?: Json;
}

/**
 * What differs between two versions; by default between the present one and the one before. Throws 404 for a version
 * that never was.
 */
export async function diffConfig(
  ctx: Ctx,
  idOrSlug: string,
  query: { from?: number | undefined; to?: number | undefined },
) {
  const department = await resolveDepartment(ctx, idOrSlug);
  const to = query.to ?? department.configVersion;
  const from = query.from ?? Math.max(1, to - 1);
  const [before, after] = await Promise.all([
    readVersion(ctx.db.app, department, from),
    readVersion(ctx.db.app, department, to),
  ]);
  return { department_id: department.slug, from, to, changes: changesBetween(before.config, after.config) };
}

/** The differing leaves of two documents, in the order of their paths; a list counts as one value. */
export function changesBetween(before: object, after: object): ConfigChange[] {
  const old = new Map(leaves(asJson(before)));
  const next = new Map(leaves(asJson(after)));
  const paths = [...new Set([...old.keys(), ...next.keys()])].sort();
  return paths.flatMap((path): ConfigChange[] => {
    const from = old.get(path);
    const to = next.get(path);
    if (from === undefined) return to === undefined ? [] : [{ path, change: "added", to }];
    if (to === undefined) return [{ path, change: "removed", from }];
    return Bun.deepEquals(from, to) ? [] : [{ path, change: "changed", from, to }];
  });
}

const asJson = (value: object): JsonObject => JSON.parse(JSON.stringify(value));

function leaves(value: JsonObject, prefix = ""): [string, Json][] {
  return Object.entries(value).flatMap(([key, item]): [string, Json][] => {
    const path = prefix + key;
    const inner =
      typeof item === "object" && item !== null && !Array.isArray(item) && Object.keys(item).length > 0;
    return inner ? leaves(item as JsonObject, `${path}.`) : [[path, item]];
  });
}
