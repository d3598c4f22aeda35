import { clientSecretPlace, credentialPlace } from "../../src/credentials/places.ts";
import type { RefreshMeans } from "../../src/credentials/refresh.ts";
import { withTx } from "../../src/db/tx.ts";
import type { FakeGoogle } from "../../test/fakes/google/start-fake-google.ts";
import { insertDepartment } from "./federation-engine.ts";

export interface BenchCredential {
  id: string;
  departmentId: string;
  /** What the fake counts its refreshes by. */
  origin: string;
}

const lanes = 10;

/** So many active departments, each with a client and a credential whose access token has ended. */
export async function addCredentials(
  means: RefreshMeans,
  google: FakeGoogle,
  count: number,
): Promise<BenchCredential[]> {
  const made: BenchCredential[] = [];
  let next = 0;
  const lane = async () => {
    while (next++ < count) made.push(await addCredential(means, google));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return made;
}

async function addCredential({ sql, vault }: RefreshMeans, google: FakeGoogle): Promise<BenchCredential> {
  const { id: departmentId } = await insertDepartment(sql);
  await withTx(sql, async (tx) => {
    await tx`update federation.department set status = 'active' where id = ${departmentId}`;
    await vault.ensureDepartmentKey(tx, departmentId);
    await tx`select audit.open_stream(${departmentId})`;
  });
  const client = google.addClient();
  const { token } = google.store.addRefreshToken(client.clientId, "1", ["openid"]);
  const [id, clientRow] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
  const secret = await vault.seal(clientSecretPlace(clientRow), client.clientSecret);
  const refresh = await vault.seal(credentialPlace(departmentId, id, "refresh_sealed"), token);
  const access = await vault.seal(credentialPlace(departmentId, id, "access_sealed"), "ya29.ended");
  await sql`
    insert into federation.oauth_client (id, client_id, secret_sealed, project, origin, status, department_id, leased_at)
    values (${clientRow}, ${client.clientId}, ${secret}, ${client.project}, 'pool', 'leased', ${departmentId}, now())`;
  await sql`
    insert into federation.credential (id, department_id, service, oauth_client_id, status, scopes_wanted,
      scopes_granted, subject, refresh_sealed, access_sealed, access_expires_at, next_refresh_at, consented_at)
    values (${id}, ${departmentId}, 'google', ${clientRow}, 'active', '{openid}', '{openid}', '1', ${refresh},
      ${access}, clock_timestamp() - interval '1 s', clock_timestamp(), now())`;
  return { id, departmentId, origin: token };
}

/** How many of them can no longer be refreshed with what is stored. */
export async function countLost(
  { sql, vault }: RefreshMeans,
  google: FakeGoogle,
  credentials: readonly BenchCredential[],
): Promise<number> {
  const rows = await sql<{ id: string; departmentId: string; sealed: string; status: string }[]>`
    select id, department_id as "departmentId", refresh_sealed as sealed, status from federation.credential
    where id in ${sql(credentials.map(({ id }) => id))}`;
  let lost = 0;
  for (const { id, departmentId, sealed, status } of rows) {
    const text = await vault.open(credentialPlace(departmentId, id, "refresh_sealed"), sealed);
    const token = google.store.refreshTokens.get(text);
    const isUsedUp = google.behaviour.rotation === "strict" && token?.replacedBy !== undefined;
    if (status !== "active" || !token || isUsedUp) lost += 1;
  }
  return lost;
}
