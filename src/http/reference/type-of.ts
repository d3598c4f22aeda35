import type { JsonSchema } from "./shown-operations.ts";

const valuesMax = 24;

/** What a value has to be, in a few words. */
export function typeOf(schema: JsonSchema): string {
  const { enum: values, anyOf, oneOf, items, $ref } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (values) return shortened(values.map((value) => JSON.stringify(value)));
  if ($ref) return "any JSON";
  if (anyOf ?? oneOf) return [...new Set((anyOf ?? oneOf ?? []).map(typeOf))].join(" or ");
  if (items) return `list of ${typeOf(items)}${bounds(undefined, schema.maxItems, "items")}`;
  const type = [schema.type ?? "any JSON"].flat().join(" or ");
  return `${schema.format ?? type}${limits(schema)}${defaultOf(schema)}`;
}

function limits({ minimum, maximum, minLength, maxLength }: JsonSchema): string {
  return bounds(minimum, maximum, "") + bounds(minLength, maxLength, "characters");
}

/** The safe integers are no bound that anybody has to know. */
function bounds(from: number | undefined, to: number | undefined, unit: string): string {
  const said = (value: number | undefined) => value !== undefined && Math.abs(value) < 2 ** 53 - 1;
  const words = [
    ...(said(from) ? [`from ${String(from)}`] : []),
    ...(said(to) ? [`to ${String(to)}`] : []),
    ...(unit !== "" ? [unit] : []),
  ];
  return said(from) || said(to) ? `, ${words.join(" ")}` : "";
}

const defaultOf = ({ default: value }: JsonSchema) =>
  value === undefined ? "" : `, else ${JSON.stringify(value)}`;

const shortened = (values: string[]) =>
  values.length > valuesMax ? `${values.slice(0, valuesMax).join(", ")}, …` : values.join(", ");
