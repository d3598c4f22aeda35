import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readTemplates } from "../departments/schema/read-templates.ts";

const folder = join(import.meta.dir, "../../templates/n8n");
const versioned = z.object({ template: z.string(), version: z.int() });

export interface InstalledTemplates {
  /** By the workflow's key. */
  templates: Record<string, number>;
  schemaVersion: number;
}

/** What this code brings departments to: the versions of its workflow templates and of the departments' schema. */
export async function installedTemplates(): Promise<InstalledTemplates> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).toSorted();
  const found = await Promise.all(
    names.map(async (name) => versioned.parse(await Bun.file(join(folder, name)).json())),
  );
  const templates = Object.fromEntries(found.map(({ template, version }) => [template, version]));
  return { templates, schemaVersion: (await readTemplates()).length };
}
