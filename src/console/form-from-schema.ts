import type { Json, JsonObject } from "../json.ts";

/** What of JSON Schema a department's definition is written in. */
export interface FormSchema {
  type?: string;
  properties?: Record<string, FormSchema>;
  required?: string[];
  enum?: string[];
  items?: FormSchema;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  format?: string;
}

/**
 * The document that a form made of this schema says: fields are named by their path, `custom_config.agent.cpu`. What
 * was left empty is not in it; what does not read as its type stays text, and the schema behind says what is wrong.
 */
export function documentOf(schema: FormSchema, form: URLSearchParams, path = ""): JsonObject {
  const entries = Object.entries(schema.properties ?? {}).flatMap(([key, field]): [string, Json][] => {
    const value = valueOf(field, form, path + key);
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}

function valueOf(field: FormSchema, form: URLSearchParams, path: string): Json | undefined {
  if (field.properties) {
    const inner = documentOf(field, form, `${path}.`);
    return Object.keys(inner).length > 0 ? inner : undefined;
  }
  if (field.items) {
    const chosen = form.getAll(path).filter((text) => text !== "");
    return chosen.length > 0 ? chosen : undefined;
  }
  const text = form.get(path)?.trim() ?? "";
  if (text === "") return undefined;
  if (field.type === "boolean") return text === "true";
  const isNumber = field.type === "number" || field.type === "integer";
  return isNumber && Number.isFinite(Number(text)) ? Number(text) : text;
}
