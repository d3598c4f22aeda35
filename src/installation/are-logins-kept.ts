import { join } from "node:path";
import { checkReady } from "../db/check-ready.ts";
import { openPools } from "../db/pools.ts";
import { readKept } from "../up/keep-file.ts";
import { loginFiles } from "./keep-logins.ts";

/** No such password, login or database: the files are of another database than the one that is there. */
const refused = ["28P01", "28000", "3D000"];

/** True when the directory holds logins that open the database. Throws when the database does not answer. */
export async function areLoginsKept(directory: string): Promise<boolean> {
  const read = (file: string) => readKept(join(directory, file));
  const [appUrl, gatewayUrl, adminUrl] = await Promise.all([
    read(loginFiles.appUrl),
    read(loginFiles.gatewayUrl),
    read(loginFiles.provisionerUrl),
  ]);
  if (!appUrl || !gatewayUrl || !adminUrl) return false;
  const pools = openPools({ appUrl, gatewayUrl, applicationName: "federation init", appMax: 1 });
  try {
    await checkReady(pools);
    return true;
  } catch (error) {
    if (refused.includes(codeOf(error))) return false;
    throw error;
  } finally {
    await pools.close();
  }
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
