import { FederationError } from "../errors.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** The diagnosis of a check that answers warnings, none = all is well, or throws. */
export async function attempt(
  what: string,
  remedy: string,
  check: () => Promise<string[]>,
): Promise<Diagnosis[]> {
  try {
    const warnings = await check();
    if (warnings.length === 0) return [{ level: "ok", what }];
    return warnings.map((warning) => ({ level: "warning", what: warning, remedy }));
  } catch (error) {
    const message =
      error instanceof FederationError ? error.message : "cannot be checked: the database does not answer";
    return [{ level: "error", what: `${what}: ${message}`, remedy }];
  }
}
