import type { SchemaTemplate } from "./read-templates.ts";
import { checkNames, type SchemaNames } from "./names.ts";

/** The SQL of all templates above `aboveVersion` for one department, in order; pure. Throws on names not generated. */
export function renderSchema(names: SchemaNames, templates: SchemaTemplate[], aboveVersion = 0): string {
  checkNames(names);
  const values: Record<string, string> = {
    schema: names.schemaName,
    role: names.roleName,
    department_id: names.id,
  };
  return templates
    .filter(({ version }) => version > aboveVersion)
    .map(({ name, text }) =>
      text.replaceAll(/\{\{([^{}]*)\}\}/g, (_, key: string) => valueOf(values, key, name)),
    )
    .join("\n");
}

function valueOf(values: Record<string, string>, key: string, template: string): string {
  const value = values[key];
  if (value === undefined) throw new TypeError(`${template} has an unknown placeholder {{${key}}}`);
  return value;
}
