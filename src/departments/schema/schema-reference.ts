import type { SchemaReference } from "../../db/lint/find-drift.ts";
import { readTemplates } from "./read-templates.ts";
import { renderSchema } from "./render-schema.ts";

/** The newest department schema, as `lintDatabase` wants it to compare with. */
export async function schemaReference(): Promise<SchemaReference> {
  const templates = await readTemplates();
  return { version: templates.length, render: (names) => renderSchema(names, templates) };
}
