import { stat } from "node:fs/promises";
import type { Diagnosis, Patient } from "./diagnosis.ts";

/** Whether what lies in DATA_DIR, keys of `fed up` among it, can be read by others on this machine. */
export async function checkDataDirectory({ config: { dataDirectory } }: Patient): Promise<Diagnosis[]> {
  const found = await stat(dataDirectory).catch(() => undefined);
  // Only `fed up` needs one, and makes it.
  if (!found) return [];
  if (!found.isDirectory())
    return [{ level: "error", what: "DATA_DIR is no directory", remedy: "Name a directory, or none yet." }];
  if ((found.mode & 0o077) === 0) return [{ level: "ok", what: "DATA_DIR is private" }];
  const what = `DATA_DIR is open to others (mode ${(found.mode & 0o777).toString(8)})`;
  return [{ level: "warning", what, remedy: "chmod 700 it, as the user that Federation runs as." }];
}
