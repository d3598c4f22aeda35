import type { CheckName, Checks } from "./check-department.ts";

/** What is not well of what decides, by name; an agent that starts is not well yet. */
export const failedParts = (checks: Checks): CheckName[] =>
  (Object.keys(checks) as CheckName[]).filter(
    (name) => checks[name].status === "failed" || checks[name].status === "starting",
  );
