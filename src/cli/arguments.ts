import { parseArgs, type ParseArgsConfig } from "node:util";
import { FederationError } from "../errors.ts";

/** Parses a command's arguments; `--json` is everywhere. Throws `usage` for unknown options and missing positionals. */
export function parse<O extends NonNullable<ParseArgsConfig["options"]>>(
  args: string[],
  names: readonly string[],
  options: O,
) {
  const all = { ...options, json: { type: "boolean" as const } };
  const { values, positionals } = parseArgs({ args, options: all, allowPositionals: true, strict: true });
  if (
    positionals.length < names.filter((name) => !name.startsWith("[")).length ||
    positionals.length > names.length
  ) {
    throw new FederationError("usage", `Expected: ${names.join(" ") || "no arguments"}`);
  }
  return { values, positionals, json: (values as { json?: boolean }).json === true };
}
