import type { JsonObject } from "../../json.ts";

/** What a setting is while nobody has set it: an n8n whose own defaults were changed aside. */
const defaults: JsonObject = {
  saveExecutionProgress: false,
  saveManualExecutions: true,
  saveDataErrorExecution: "all",
  saveDataSuccessExecution: "all",
  executionTimeout: -1,
  errorWorkflow: "DEFAULT",
  timezone: "DEFAULT",
  executionOrder: "v0",
  callerPolicy: "workflowsFromSameOwner",
  callerIds: "",
  timeSavedMode: "fixed",
  timeSavedPerExecution: 0,
  redactionPolicy: "none",
  availableInMCP: false,
  customTelemetryTags: [],
};

/** Kept by n8n's editor, accepted and ignored by its API. */
const ignored: readonly string[] = ["binaryMode", "credentialResolverId"];

/**
 * The settings to send so that `wanted` is what remains: an update merges them into those there are (against n8n's
 * documentation), so one that is to go is set to its default.
 */
export function resetSettings(present: JsonObject, wanted: JsonObject): JsonObject {
  const leftOver = Object.keys(present).filter((key) => !(key in wanted));
  return { ...pick(defaults, leftOver), ...wanted };
}

/** Without those that say what holds anyway. */
export function effectiveSettings(settings: JsonObject): JsonObject {
  const kept = Object.entries(settings).filter(
    ([key, value]) => !ignored.includes(key) && !Bun.deepEquals(value, defaults[key]) && !isEmpty(key, value),
  );
  return Object.fromEntries(kept);
}

/** n8n keeps an empty text where there was a workflow or a time zone. */
const isEmpty = (key: string, value: unknown) => value === "" && typeof defaults[key] === "string";

function pick(from: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}
