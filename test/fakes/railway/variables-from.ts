import { cannotProcess } from "./call.ts";

/** What a request sends as `EnvironmentVariables`: names and texts, or Railway refuses it. */
export function variablesFrom(sent: unknown): Record<string, string> {
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) throw cannotProcess();
  const entries = Object.entries(sent).map(([name, value]): [string, string] => {
    if (typeof value !== "string") throw cannotProcess();
    return [name, value];
  });
  return Object.fromEntries(entries);
}
