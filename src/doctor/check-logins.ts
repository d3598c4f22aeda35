import { z } from "zod";
import type { Secret } from "../crypto/secret.ts";
import type { Sql } from "../db/tx.ts";
import type { Diagnosis, PatientWithDatabase } from "./diagnosis.ts";

/** Whether each URL opens the database and gets into the role of its pool. */
export async function checkLogins({ pools, config }: PatientWithDatabase): Promise<Diagnosis[]> {
  const logins: Login[] = [
    { name: "DATABASE_URL", role: "federation_app", url: config.databaseUrl, sql: pools.app },
    { name: "DATABASE_GATEWAY_URL", role: "federation_gateway", url: config.gatewayUrl, sql: pools.gateway },
    {
      name: "DATABASE_ADMIN_URL",
      role: "federation_provisioner",
      url: config.adminUrl,
      sql: pools.provisioner,
    },
  ];
  return (await Promise.all(logins.map(checkLogin))).flat();
}

interface Login {
  name: string;
  role: string;
  url: Secret<string> | undefined;
  sql: Sql | undefined;
}

async function checkLogin({ name, role, url, sql }: Login): Promise<Diagnosis[]> {
  if (!sql || !url) return [];
  try {
    await sql`select 1`;
    return [{ level: "ok", what: `${name} opens the database as ${role}` }];
  } catch (error) {
    const { hostname, pathname, username } = new URL(url.reveal());
    const place = { name, role, login: username, host: hostname, database: pathname.slice(1) };
    return [{ level: "error", ...explain(codeOf(error), place) }];
  }
}

interface Place {
  name: string;
  role: string;
  login: string;
  host: string;
  database: string;
}

type Explanation = Pick<Required<Diagnosis>, "what" | "remedy">;

/** Codes of PostgreSQL, appendix A; everything else is a connection that could not be made. */
function explain(code: string, { name, role, login, host, database }: Place): Explanation {
  const printed = "`fed init` prints the right one, with a new password; older URLs stop working then.";
  const answers: Record<string, Explanation> = {
    "28P01": { what: `${name}: wrong password for ${login}`, remedy: printed },
    "28000": { what: `${name}: the server lets ${login} not in`, remedy: printed },
    "42501": { what: `${name} is the login ${login}, which may not become ${role}`, remedy: printed },
    "22023": {
      what: `${name}: the server has no role ${role}, or ${login} may not become it`,
      remedy: "Run `fed init` against this server, and use the URLs that it prints.",
    },
    "3D000": {
      what: `${name}: the server has no database ${database}`,
      remedy: "Name the one that `fed init` made, or run `fed init` against this server.",
    },
    "53300": {
      what: `${name}: the server has no connection left`,
      remedy: "Raise max_connections, or run fewer web and worker processes.",
    },
  };
  return (
    answers[code] ?? {
      what: `${name}: ${decodeURIComponent(host) || "the server"} does not answer`,
      remedy:
        "Is Postgres running there, and does this machine reach it? docs/runbooks/database-down.md goes on.",
    }
  );
}

const coded = z.looseObject({ code: z.string() });
const codeOf = (error: unknown) => coded.safeParse(error).data?.code ?? "";
