import type { Secret } from "../crypto/secret.ts";
import { openPools } from "./pools.ts";
import type { Sql } from "./tx.ts";

/** Runs `fn` with a short-lived pool in the provisioner's role. */
export async function withProvisioner<T>(adminUrl: Secret<string>, fn: (sql: Sql) => Promise<T>): Promise<T> {
  const url = adminUrl.reveal();
  const pools = openPools({ appUrl: url, gatewayUrl: url, adminUrl: url, applicationName: "federation cli" });
  try {
    if (!pools.provisioner) throw new Error("the pools were opened without the provisioner");
    return await fn(pools.provisioner);
  } finally {
    await pools.close();
  }
}
