import { join } from "node:path";
import { keepFile } from "../up/keep-file.ts";

/** A folder for each process that may read it. */
export const loginFiles = {
  kek: "web/kek",
  apiKey: "admin/api-key",
  provisionerUrl: "worker/provisioner-url",
  gatewayUrl: "web/gateway-url",
  appUrl: "web/database-url",
} as const;

/**
 * Writes what `init` made, each to a private file of its own; what is undefined is left as it is. The logins come
 * last: where they are kept, everything is.
 */
export async function keepLogins(
  directory: string,
  logins: Partial<Record<keyof typeof loginFiles, string | undefined>>,
): Promise<void> {
  const keep = async (file: string, text: string | undefined) => {
    if (text !== undefined) await keepFile(join(directory, file), `${text}\n`);
  };
  await keep(loginFiles.kek, logins.kek);
  await keep(loginFiles.apiKey, logins.apiKey);
  await keep(loginFiles.provisionerUrl, logins.provisionerUrl);
  await keep(loginFiles.gatewayUrl, logins.gatewayUrl);
  await keep(loginFiles.appUrl, logins.appUrl);
}
