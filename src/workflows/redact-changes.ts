import type { ConfigChange } from "../departments/config/diff.ts";
import type { Json } from "../json.ts";
import type { WorkflowSecrets } from "./read-secrets.ts";

const textLettersMax = 500;

/** The same changes without the department's secrets and without endless texts. */
export function redactChanges(changes: readonly ConfigChange[], secrets: WorkflowSecrets): ConfigChange[] {
  const hide = (text: string) => {
    let shown = text.replaceAll(secrets.pathPrefix, "<path prefix>");
    for (const secret of [secrets.key, secrets.hookToken, secrets.mcpToken])
      shown = shown.replaceAll(secret, "<secret>");
    return shown.length > textLettersMax ? `${shown.slice(0, textLettersMax)}…` : shown;
  };
  return changes.map(({ path, change, from, to }) => ({
    path: hide(path),
    change,
    ...(from !== undefined && { from: mapTexts(from, hide) }),
    ...(to !== undefined && { to: mapTexts(to, hide) }),
  }));
}

function mapTexts(value: Json, map: (text: string) => string): Json {
  if (typeof value === "string") return map(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [map(key), mapTexts(item, map)]));
}
