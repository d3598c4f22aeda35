import type { Config } from "../config.ts";
import { withTx } from "../db/tx.ts";
import { withProvisioner } from "../db/with-provisioner.ts";
import { FederationError } from "../errors.ts";
import { padsOf } from "./call-seal.ts";
import { environmentKeyProvider } from "./kek.ts";
import type { Secret } from "./secret.ts";
import { dataPurpose, ensureDataKey, platformKey, sealPurpose } from "./vault.ts";

/**
 * Makes, once, what every process needs of keys: the check value of the KEK, the platform's data keys, and the pads by
 * which the database checks seals. Repeating it changes nothing. `adminUrl` is the provisioner's or an administrator's.
 */
export async function prepareKeys(config: Readonly<Config>, adminUrl: Secret<string>): Promise<void> {
  if (!config.kek) throw new FederationError("bad_configuration", "FEDERATION_KEK is not set.");
  const provider = environmentKeyProvider({ current: config.kek, previous: config.kekPrevious });
  const { environment } = config;
  await withProvisioner(adminUrl, async (sql) => {
    const checkValue = await provider.checkValue();
    await withTx(sql, async (tx) => {
      await tx`set local role federation_owner`;
      for (const purpose of [dataPurpose, sealPurpose])
        await ensureDataKey(tx, { provider, environment }, undefined, purpose);
      // Opens what is there: a KEK that cannot is never written down as ours.
      const { inner, outer } = padsOf(await platformKey({ sql: tx, provider, environment }, sealPurpose));
      await tx`insert into federation.kek_check (kek_id, check_value) select ${provider.currentId}, ${checkValue}
        where not exists (select from federation.kek_check) or ${config.kekPrevious !== undefined}
        on conflict do nothing`;
      await tx`
        insert into gateway.seal_key (id, inner_pad, outer_pad, not_after) values (1, ${inner}, ${outer}, 'infinity')
        on conflict (id) do update set inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad
          where gateway.seal_key.inner_pad <> excluded.inner_pad`;
    });
  });
}
