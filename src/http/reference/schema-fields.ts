import { html } from "hono/html";
import type { Html } from "./reference-layout.ts";
import type { JsonSchema } from "./shown-operations.ts";
import { typeOf } from "./type-of.ts";

interface Row {
  path: string;
  type: string;
  required: boolean;
}

const depthMax = 4;

/** The fields of an object, one table for each of its kinds; `label` names the tables for who cannot see them. */
export function schemaFields(schema: JsonSchema, label: string): Html {
  const kinds = schema.oneOf ?? schema.anyOf ?? [schema];
  return html`${kinds.map((kind) => {
    const rows = rowsOf(kind, "", 1);
    const name = kinds.length > 1 ? `${label}, ${kindOf(kind)}` : label;
    if (rows.length === 0) return html`<p class="quiet">An object${freeKeys(kind)}.</p>`;
    return table(rows, name);
  })}`;
}

function table(rows: Row[], label: string): Html {
  return html`<div class="wide" tabindex="0" role="region" aria-label="${label}">
    <table>
      <caption>
        ${label}
      </caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Is</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ path, type, required }) =>
            html`<tr>
              <th scope="row"><code>${path}</code></th>
              <td>${type}${required ? "" : " (optional)"}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function rowsOf(schema: JsonSchema, prefix: string, depth: number): Row[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    const [inner, suffix] = innerOf(value);
    const row = {
      path,
      type: inner ? (suffix === "" ? "object" : "list of") : typeOf(value),
      required: required.has(name),
    };
    return inner && depth < depthMax ? [row, ...rowsOf(inner, `${path}${suffix}.`, depth + 1)] : [row];
  });
}

/** The object that a field is, may be (or null), or is a list of. */
function innerOf(schema: JsonSchema): [JsonSchema | undefined, string] {
  if (schema.properties) return [schema, ""];
  if (schema.items) {
    const [inner, suffix] = innerOf(schema.items);
    return [inner, `[]${suffix}`];
  }
  const objects = (schema.anyOf ?? []).filter(({ properties }) => properties);
  return [objects.length === 1 ? objects[0] : undefined, ""];
}

/** Kinds are told apart by the field that has one value only. */
function kindOf({ properties = {} }: JsonSchema): string {
  const told = Object.entries(properties).find(([, value]) => value.const !== undefined);
  return told ? `${told[0]} ${JSON.stringify(told[1].const)}` : Object.keys(properties).slice(0, 1).join();
}

const freeKeys = ({ additionalProperties }: JsonSchema) =>
  typeof additionalProperties === "object" ? " with any keys" : " without fields";
