import type { Logger } from "pino";
import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import { clientSecretPlace } from "../credentials/places.ts";
import { Secret } from "../crypto/secret.ts";
import type { Vault } from "../crypto/vault.ts";
import { type Sql, withTx } from "../db/tx.ts";
import { OAuthError } from "../providers/google/oauth-error.ts";
import type { OAuthProvider } from "../providers/google/oauth-provider.ts";
import { tellWhenLow } from "./tell-when-low.ts";

interface Means {
  db: { app: Sql };
  vault: Vault;
  oauth: OAuthProvider;
  log: Logger;
}

/** Google deletes a client that nobody used for six months; any request for a token is a use. */
const idleDays = 30;
const perRun = 50;

/** Frees clients whose cooling is over, ends consents that lapsed, and uses idle clients once a month. */
export async function tendPool(means: Means): Promise<{ freed: number; touched: number }> {
  const freed = await freeCooled(means.db.app);
  await means.db
    .app`delete from federation.oauth_consent where expires_at < clock_timestamp() - interval '1 day'`;
  await tellWhenLow({ sql: means.db.app, log: means.log });
  return { freed, touched: await touchIdle(means) };
}

async function freeCooled(sql: Sql): Promise<number> {
  return withTx(sql, async (tx) => {
    const freed = await tx<{ id: string }[]>`
      update federation.oauth_client set status = 'free', cooling_until = null
      where status = 'cooling' and cooling_until <= clock_timestamp() returning id`;
    await appendAudit(
      tx,
      freed.map(({ id }) => ({
        stream: PLATFORM_STREAM,
        actor: "tend-oauth-clients",
        actorKind: "system",
        action: "oauth_client.free",
        target: id,
        decision: "done",
      })),
    );
    return freed.length;
  });
}

/** A refresh that Google must refuse is a use all the same. */
async function touchIdle({ db, vault, oauth }: Means): Promise<number> {
  const idle = await db.app<{ id: string; client_id: string; secret: string }[]>`
    select id, client_id, secret_sealed as secret from federation.oauth_client
    where status in ('free', 'leased', 'cooling')
      and coalesce(last_used_at, created_at) < clock_timestamp() - make_interval(days => ${idleDays})
    order by coalesce(last_used_at, created_at) limit ${perRun}`;
  let touched = 0;
  for (const { id, client_id, secret } of idle) {
    const clientSecret = new Secret(await vault.open(clientSecretPlace(id), secret));
    const client = { clientId: client_id, clientSecret };
    const failure = await oauth
      .refresh({ client, refreshToken: new Secret("keep-warm") })
      .then(() => undefined)
      .catch((error: unknown) => error);
    if (failure instanceof OAuthError && failure.kind === "transient") continue;
    await db.app`update federation.oauth_client set last_used_at = clock_timestamp() where id = ${id}`;
    touched += 1;
  }
  return touched;
}
