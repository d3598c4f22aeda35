import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { loadConfig } from "../../src/config.ts";
import { mintApiKey } from "../../src/crypto/api-key.ts";
import { padsOf } from "../../src/crypto/call-seal.ts";
import { generateKek } from "../../src/crypto/kek.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { migrate } from "../../src/db/migrate.ts";
import type { Sql } from "../../src/db/tx.ts";
import { withTx } from "../../src/db/tx.ts";
import { createDepartmentSchema } from "../../src/departments/schema/create-schema.ts";
import { prepareInstallation } from "../../src/installation/prepare-installation.ts";
import { agentScopes } from "../../src/members/scopes.ts";
import { insertDepartment } from "./federation-engine.ts";

export interface BenchDepartment {
  id: string;
  schemaName: string;
  keyId: string;
  secret: string;
  clientId: string;
  /** Whom it asks. */
  targetId: string;
  targetSchema: string;
}

export interface GatewayWorld {
  urls: { admin: string; app: string; gateway: string };
  kek: string;
  /** Hex; the floor seals with it as the web process does with its own. */
  sealKey: string;
  departments: BenchDepartment[];
}

/** What the questions search for; each word is in about a twentieth of the documents. */
export const words = "budget travel salary paint invoice garden copper violin lantern harbour".split(" ");

/** A migrated database with logins, departments in a ring of grants, and documents. No limit is ever reached. */
export async function prepareGatewayWorld(
  adminUrl: string,
  { departments, documents }: { departments: number; documents: number },
): Promise<GatewayWorld> {
  await migrate({ adminUrl });
  const kek = generateKek();
  await prepareInstallation(loadConfig({ FEDERATION_KEK: kek }), new Secret(adminUrl));
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const password = randomBytes(12).toString("hex");
    for (const role of ["app", "gateway"])
      await admin.unsafe(`alter role federation_${role} password '${password}'`);
    const sealKey = randomBytes(32);
    const { inner, outer } = padsOf(sealKey);
    await admin`insert into gateway.seal_key (id, inner_pad, outer_pad, not_after) values (100, ${inner}, ${outer}, 'infinity')`;
    await admin`update federation.rate_policy set hits = 1000000, window_seconds = 60`;
    const all: Awaited<ReturnType<typeof addDepartment>>[] = [];
    for (let at = 0; at < departments; at += 1) all.push(await addDepartment(admin, documents));
    const ring = all.map((one, at) => ({ ...one, ...targetOf(all[(at + 1) % all.length] ?? one) }));
    for (const one of ring) await addGrant(admin, one);
    await admin`vacuum analyze`;
    const urlOf = (role: string) =>
      Object.assign(new URL(adminUrl), { username: `federation_${role}`, password }).href;
    const urls = { admin: adminUrl, app: urlOf("app"), gateway: urlOf("gateway") };
    return { urls, kek, sealKey: sealKey.toString("hex"), departments: ring };
  } finally {
    await admin.end({ timeout: 5 });
  }
}

const targetOf = ({ id, schemaName }: { id: string; schemaName: string }) => ({
  targetId: id,
  targetSchema: schemaName,
});

async function addDepartment(admin: Sql, documents: number) {
  const names = await insertDepartment(admin);
  await admin`update federation.department set status = 'active' where id = ${names.id}`;
  await admin`select audit.open_stream(${names.id})`;
  await withTx(admin, (tx) => createDepartmentSchema(tx, names));
  await fillDocuments(admin, names.schemaName, documents);
  const key = mintApiKey("development");
  const clientId = Bun.randomUUIDv7();
  await admin`insert into federation.api_client (id, key_id, name, department_id, secret_hash, scopes, status, expires_at)
    values (${clientId}, ${key.id}, 'bench', ${names.id}, ${key.secretHash}, ${[...agentScopes]}, 'active', now() + interval '1 day')`;
  return { ...names, clientId, keyId: key.id, secret: key.text.reveal() };
}

/** Texts of sixty words, most of them from a long tail. */
export async function fillDocuments(admin: Sql, schemaName: string, documents: number): Promise<void> {
  await admin`
    insert into ${admin(schemaName)}.document (id, source, external_id, name, text)
    select gen_random_uuid(), 'bench', n::text, 'Document ' || n, (
      select string_agg(case when i = 1 and random() < 0.5
        then (${words}::text[])[1 + (n * 7) % ${words.length}] else 'word' || floor(random() * 5000 + n * 0)::int end, ' ')
      from generate_series(1, 60) i)
    from generate_series(1, ${documents}::int) n`;
}

const addGrant = (admin: Sql, { id, targetId }: BenchDepartment) => admin`
  insert into federation.access_grant (id, source, target, permission, resource, status, requested_by, approved_by, reason, expires_at)
  values (${Bun.randomUUIDv7()}, ${id}, ${targetId}, 'search', 'documents', 'approved', 'a', 'b', 'bench', now() + interval '1 day')`;
