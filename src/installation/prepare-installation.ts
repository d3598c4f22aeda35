import type { Config } from "../config.ts";
import { prepareKeys } from "../crypto/prepare-keys.ts";
import type { Secret } from "../crypto/secret.ts";
import { withTx } from "../db/tx.ts";
import { withProvisioner } from "../db/with-provisioner.ts";
import { prepareLimits } from "../limits/default-policies.ts";

/**
 * What a migrated database needs before its first process: keys, and the limits of its environment. Repeating it
 * changes nothing. `adminUrl` is the provisioner's or an administrator's.
 */
export async function prepareInstallation(config: Readonly<Config>, adminUrl: Secret<string>): Promise<void> {
  await prepareKeys(config, adminUrl);
  await withProvisioner(adminUrl, (sql) =>
    withTx(sql, async (tx) => {
      await tx`set local role federation_owner`;
      await prepareLimits(tx, config.environment);
    }),
  );
}
