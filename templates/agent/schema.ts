import type { FieldError } from "./problem.ts";

/** The part of JSON Schema that the tools' arguments need; an empty schema takes any JSON. */
export type ValueSchema = { description?: string } & (
  | {
      type: "string";
      minLength?: number;
      maxLength: number;
      format?: "uuid" | "date-time";
      enum?: readonly string[];
    }
  | { type: "integer"; minimum: number; maximum: number }
  | { type?: never }
);

export interface ObjectSchema {
  type: "object";
  properties: Record<string, ValueSchema>;
  required: readonly string[];
  additionalProperties: false;
}

export type Arguments = Record<string, unknown>;

const patterns = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/,
};

/** A schema without the noise: every property named in `required` or optional, nothing else allowed. */
export const objectOf = (
  properties: Record<string, ValueSchema>,
  required: readonly string[] = [],
): ObjectSchema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

/** What is wrong with the arguments, by field; nothing when they fit. */
export function findErrors(schema: ObjectSchema, value: unknown): FieldError[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [{ path: "", message: "must be an object" }];
  }
  const given = new Map(Object.entries(value));
  const missing = schema.required.filter((name) => !given.has(name));
  const found = [...given].map(([path, item]) => {
    const property = Object.hasOwn(schema.properties, path) ? schema.properties[path] : undefined;
    return { path, message: property ? valueError(property, item) : "is not known" };
  });
  return [
    ...missing.map((path) => ({ path, message: "is required" })),
    ...found.filter((error): error is FieldError => error.message !== undefined),
  ];
}

function valueError(schema: ValueSchema, value: unknown): string | undefined {
  if (schema.type === "integer") {
    const fits =
      Number.isInteger(value) && Number(value) >= schema.minimum && Number(value) <= schema.maximum;
    return fits ? undefined : `must be a whole number from ${schema.minimum} to ${schema.maximum}`;
  }
  if (schema.type !== "string") return undefined;
  const { minLength = 0, maxLength, format, enum: allowed } = schema;
  if (typeof value !== "string") return "must be a string";
  if (value.length < minLength || value.length > maxLength)
    return `must have ${minLength} to ${maxLength} characters`;
  if (allowed && !allowed.includes(value)) return `must be one of ${allowed.join(", ")}`;
  if (
    format &&
    (!patterns[format].test(value) || (format === "date-time" && Number.isNaN(Date.parse(value))))
  ) {
    return `must be a ${format}`;
  }
  return undefined;
}
