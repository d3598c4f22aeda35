import { readFileSync } from "node:fs";

interface FileVariables {
  given: Record<string, string | undefined>;
  problems: { path: string; message: string }[];
}

/** The environment with the value of NAME read from the file that NAME_FILE names, as secrets reach containers. */
export function readFileVariables(
  env: Record<string, string | undefined>,
  names: readonly string[],
): FileVariables {
  const given = { ...env };
  const problems: FileVariables["problems"] = [];
  for (const name of names) {
    const path = `${name}_FILE`;
    const file = env[path];
    if (file === undefined) continue;
    const value = readValue(file);
    given[name] ??= value;
    if (env[name] !== undefined) problems.push({ path, message: `is set beside ${name}; keep one of them` });
    else if (value === undefined)
      problems.push({ path, message: "names a file that is empty or cannot be read" });
  }
  return { given, problems };
}

function readValue(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}
