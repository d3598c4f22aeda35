import { readFileSync } from "node:fs";

export type Environment = Record<string, string | undefined>;

/**
 * The environment and what SECRETS_FILE holds: a JSON object of more variables, which win over those of the same name.
 * Throws when the file is named but does not read; its content is in no message.
 */
export function withSecretsFile(env: Environment): Environment {
  const path = env["SECRETS_FILE"];
  return path ? { ...env, ...parseVariables(read(path)) } : env;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "failed";
    throw new Error(`SECRETS_FILE cannot be read (${code})`);
  }
}

function parseVariables(text: string): Record<string, string> {
  const wrong = "SECRETS_FILE must hold a JSON object of texts";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own words repeat a piece of the text.
    throw new Error(wrong);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(wrong);
  const variables = Object.entries(value);
  if (!variables.every((entry): entry is [string, string] => typeof entry[1] === "string")) {
    throw new Error(wrong);
  }
  return Object.fromEntries(variables);
}
