import type { Json, JsonObject } from "../json.ts";

export interface Placeholders {
  /** Ours, and of characters that mean nothing to n8n: they may stand in expressions and in code. */
  tokens: Readonly<Record<string, string>>;
  /** Somebody else's words: only where n8n shows a text and never evaluates one. */
  texts: Readonly<Record<string, string>>;
}

const placeholder = /\{\{federation:([^{}]*)\}\}/g;
const token = /^[A-Za-z0-9._:/[\]-]+$/;

/** Parameters that hold a text for people, by the type of their node. */
const shown = new Set([
  "n8n-nodes-base.stickyNote content",
  "@n8n/n8n-nodes-langchain.mcpTrigger instructions",
]);

/**
 * Parameters of a node with every `{{federation:name}}` replaced, in values only and once: what comes in is not looked at
 * again. Throws for a name that is not known, a token with other characters, and a text where it could be evaluated.
 */
export function fillPlaceholders(type: string, parameters: JsonObject, values: Placeholders): JsonObject {
  const fillObject = (object: JsonObject, isTop = false): JsonObject =>
    Object.fromEntries(
      Object.entries(object).map(([key, value]) => [key, fill(value, isTop && shown.has(`${type} ${key}`))]),
    );
  const fill = (value: Json, isShown = false): Json => {
    if (typeof value === "string") return fillLeaf(value, isShown, values);
    if (Array.isArray(value)) return value.map((item) => fill(item));
    return value === null || typeof value !== "object" ? value : fillObject(value);
  };
  return fillObject(parameters, true);
}

function fillLeaf(leaf: string, isShown: boolean, { tokens, texts }: Placeholders): string {
  if (leaf.replaceAll(placeholder, "").includes("{{federation"))
    throw new TypeError("templates/n8n: a placeholder that does not read");
  return leaf.replaceAll(placeholder, (_, name: string) => {
    const value = own(tokens, name);
    if (value !== undefined) return checkedToken(name, value);
    const text = own(texts, name);
    if (text === undefined) throw new TypeError(`templates/n8n: unknown placeholder ${name}`);
    // A first character of somebody else's could make an expression of the whole.
    if (!isShown || !/^[A-Za-z]/.test(leaf)) throw new TypeError(`templates/n8n: ${name} would be evaluated`);
    return text;
  });
}

const own = (values: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

function checkedToken(name: string, value: string): string {
  if (!token.test(value)) throw new TypeError(`templates/n8n: ${name} has characters it must not have`);
  return value;
}
