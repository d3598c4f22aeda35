import type { Config } from "../config.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { withProvisioner } from "../db/with-provisioner.ts";
import { FederationError } from "../errors.ts";
import { padsOf } from "./call-seal.ts";
import { dataPurpose, ensureDataKey, platformKey, sealPurpose } from "./data-keys.ts";
import { environmentKeyProvider } from "./kek.ts";
import { checkStoredKek, registerKek } from "./kek-check.ts";
import type { Secret } from "./secret.ts";

/**
 * Makes, once, what every process needs of keys: the check value of the KEK, the platform's data keys, and the pads by
 * which the database checks seals. Repeating it changes nothing. `adminUrl` is the provisioner's or an administrator's.
 */
export async function prepareKeys(config: Readonly<Config>, adminUrl: Secret<string>): Promise<void> {
  if (!config.kek) throw new FederationError("bad_configuration", "FEDERATION_KEK is not set.");
  const provider = environmentKeyProvider({ current: config.kek, previous: config.kekPrevious });
  const means = { provider, environment: config.environment };
  await withProvisioner(adminUrl, (sql) =>
    withTx(sql, async (tx) => {
      await tx`set local role federation_owner`;
      // One at a time: who comes second checks against the first one's KEK.
      await tx`lock table federation.kek_check in share row exclusive mode`;
      const [known] = await tx`select from federation.kek_check limit 1`;
      if (known) await checkStoredKek(tx, provider);
      await registerKek(tx, provider);
      for (const purpose of [dataPurpose, sealPurpose]) await ensureDataKey(tx, means, undefined, purpose);
      // Opens what is there: a KEK that cannot is never written down as ours.
      await keepPads(tx, padsOf((await platformKey(tx, means, sealPurpose)).bytes));
    }),
  );
}

/** While a key rotates there are two rows; the active one's is there already. */
async function keepPads(tx: Tx, { inner, outer }: { inner: Buffer; outer: Buffer }): Promise<void> {
  await tx`
    insert into gateway.seal_key (id, inner_pad, outer_pad, not_after)
    select 1, ${inner}, ${outer}, 'infinity' where not exists (select from gateway.seal_key where inner_pad = ${inner})
    on conflict (id) do update set inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad, not_after = 'infinity'`;
}
