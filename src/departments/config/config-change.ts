import { z } from "zod";

export const configChange = z.object({
  path: z.string(),
  change: z.enum(["added", "removed", "changed"]),
  from: z.json().optional(),
  to: z.json().optional(),
});

/** What another definition changes, and the version it does so to. */
export const versionChange = z.object({ from_version: z.int(), changes: z.array(configChange) });
