import type { Config } from "../config.ts";
import type { Secret } from "../crypto/secret.ts";
import { openPools } from "../db/pools.ts";
import { FederationError } from "../errors.ts";
import { createFirstAdmin } from "../members/create-first-admin.ts";

/** Makes the first admin with a key; undefined when there is an admin already. */
export async function firstAdmin(
  config: Readonly<Config>,
  email: string,
): Promise<Secret<string> | undefined> {
  const url = config.databaseUrl?.reveal();
  if (!url) throw new FederationError("bad_configuration", "DATABASE_URL is not set.");
  const pools = openPools({ appUrl: url, gatewayUrl: url, applicationName: "federation cli", appMax: 1 });
  try {
    const admin = await createFirstAdmin(pools.app, { environment: config.environment, email });
    return admin?.key;
  } finally {
    await pools.close();
  }
}
