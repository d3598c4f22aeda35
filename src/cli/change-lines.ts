import { z } from "zod";
import { configChange } from "../departments/config/config-change.ts";

export const changes = z.array(configChange);

/** A diff of definitions, a line for each path. */
export function changeLines(differing: z.infer<typeof changes>): string[] {
  if (differing.length === 0) return ["nothing differs"];
  return differing.map(({ path, change, from, to }) => {
    if (change === "added") return `+ ${path}: ${JSON.stringify(to)}`;
    if (change === "removed") return `- ${path}: ${JSON.stringify(from)}`;
    return `~ ${path}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`;
  });
}
