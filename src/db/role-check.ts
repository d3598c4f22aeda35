import { FederationError } from "../errors.ts";
import type { Pools } from "./pools.ts";
import type { Sql } from "./tx.ts";

const floors: Record<number, number> = { 15: 14, 16: 10, 17: 6 };

/**
 * Refuses to go on with a server without the fix for CVE-2025-8713 (`database_too_old`), or with a pool whose role is
 * not its own, is superuser or passes row-level security (`database_role_unsafe`). Answers warnings: outside of
 * production an administrator's session is tolerated.
 */
export async function checkRoles(pools: Pools, { production }: { production: boolean }): Promise<string[]> {
  const { app, gateway, provisioner } = pools;
  const expected: [Sql | undefined, string][] = [
    [app, "federation_app"],
    [gateway, "federation_gateway"],
    [provisioner, "federation_provisioner"],
  ];
  const warnings = await Promise.all(
    expected.map(([pool, role]) => pool && checkRole(pool, role, production)),
  );
  return warnings.filter((warning) => warning !== undefined);
}

interface Session {
  version: number;
  role: string;
  session: string;
  unsafe: boolean;
}

async function checkRole(sql: Sql, role: string, production: boolean): Promise<string | undefined> {
  const [session] = await sql<[Session]>`
    select current_setting('server_version_num')::int as version, current_user as role, session_user as session,
      (select bool_or(r.rolsuper or r.rolbypassrls) from pg_roles r where r.rolname = current_user) as unsafe`;
  checkVersion(session.version);
  if (session.unsafe || session.role !== role) {
    throw unsafe(
      `The database pool of ${role} runs as ${session.role}${session.unsafe ? ", which passes row-level security" : ""}.`,
    );
  }
  if (session.session === role) return undefined;
  const message = `The database pool of ${role} logs in as ${session.session}, which can leave that role.`;
  if (production) throw unsafe(message);
  return message;
}

/** `version` is server_version_num: 150014 is 15.14. Throws `database_too_old`. */
export function checkVersion(version: number): void {
  const major = Math.floor(version / 10_000);
  const minor = version % 10_000;
  if (major >= 15 && minor >= (floors[major] ?? 0)) return;
  throw new FederationError(
    "database_too_old",
    `Postgres ${major}.${minor} is too old: 15.14, 16.10, 17.6, 18.0 or newer is needed.`,
  );
}

const unsafe = (message: string) => new FederationError("database_role_unsafe", message);
