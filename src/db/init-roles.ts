import postgres from "postgres";
import { randomPassword, scramVerifier } from "../crypto/scram.ts";
import { migrate } from "./migrate.ts";
import { openClient } from "./open-client.ts";
import type { Sql } from "./tx.ts";

export interface InitRolesOptions {
  adminUrl: string;
  /** Created when missing. */
  database?: string;
}

export interface RoleUrls {
  appUrl: string;
  gatewayUrl: string;
  provisionerUrl: string;
}

/** Makes the database ready and gives the three logins new passwords; older URLs of this cluster stop working. */
export async function initRoles({ adminUrl, database = "federation" }: InitRolesOptions): Promise<RoleUrls> {
  const databaseUrl = new URL(adminUrl);
  databaseUrl.pathname = `/${encodeURIComponent(database)}`;
  const admin = openClient(adminUrl, { max: 1 });
  try {
    await createDatabase(admin, database);
    await migrate({ adminUrl: databaseUrl.href });
    return {
      appUrl: await renewPassword(admin, databaseUrl, "federation_app"),
      gatewayUrl: await renewPassword(admin, databaseUrl, "federation_gateway"),
      provisionerUrl: await renewPassword(admin, databaseUrl, "federation_provisioner"),
    };
  } finally {
    await admin.end({ timeout: 5 });
  }
}

async function createDatabase(admin: Sql, database: string) {
  const [existing] = await admin`select from pg_database where datname = ${database}`;
  if (existing) return;
  try {
    await admin`create database ${admin(database)}`;
  } catch (error) {
    // 42P04, 23505: another process was faster.
    if (!(error instanceof postgres.PostgresError && ["42P04", "23505"].includes(error.code))) throw error;
  }
}

async function renewPassword(admin: Sql, databaseUrl: URL, role: string): Promise<string> {
  const password = randomPassword();
  // A verifier needs no quoting: letters, digits and +/=:$- only.
  await admin.unsafe(`alter role ${role} password '${await scramVerifier(password)}'`);
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = password;
  return url.href;
}
