import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import postgres from "postgres";
import { agentCommand } from "../../../../src/providers/hosts/local/agent-command.ts";
import type { AgentSpec, HostCall } from "../../../../src/providers/hosts/host.ts";
import { createLocalHost } from "../../../../src/providers/hosts/local/host.ts";
import { postgresAgentStore } from "../../../../src/providers/hosts/local/store.ts";
import { createSupervisor, type Supervisor } from "../../../../src/providers/hosts/local/supervisor.ts";
import { variablesFor } from "../../../agent/run-agent.ts";
import { startStubPlatform } from "../../../agent/stub-platform.ts";
import { testDatabase } from "../../../helpers/postgres.ts";

export interface Row {
  desired: string;
  spec_version: number;
  running_version: number | null;
  port: number | null;
  pid: number | null;
  restarts: number;
  live: boolean;
}

export type LocalWorld = Awaited<ReturnType<typeof openLocalWorld>>;

/** Host, store and supervisor on a database of their own, with real agents against a stub platform. */
export async function openLocalWorld() {
  const database = await testDatabase();
  const sql = postgres(database.appUrl, {
    max: 8,
    onnotice: () => {},
    connection: { search_path: "pg_catalog" },
  });
  const supervisorSql = postgres(database.appUrl, {
    max: 4,
    onnotice: () => {},
    connection: { application_name: "supervisor" },
  });
  const admin = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  await admin`alter table federation.local_agent disable trigger user`;
  const platform = startStubPlatform();
  const dataDirectory = await mkdtemp(join(tmpdir(), "federation-agents-"));
  const store = postgresAgentStore({ sql: supervisorSql, listenSql: supervisorSql, openVariables });
  const supervisors: Supervisor[] = [];

  async function row(departmentId: string): Promise<Row | undefined> {
    const [found] = await sql<Row[]>`select desired, spec_version, running_version, port, pid, restarts,
      started_at is not null and stopped_at is null as live
      from federation.local_agent where department_id = ${departmentId}`;
    return found;
  }

  return {
    sql,
    admin,
    platform,
    dataDirectory,
    appUrl: database.appUrl,
    host: createLocalHost({ sql, sealVariables, openVariables }),
    row,
    startSupervisor() {
      const log = pino({ level: "silent" });
      const supervisor = createSupervisor({ store, command: agentCommand(), dataDirectory, log });
      supervisors.push(supervisor);
      supervisor.start();
      return supervisor;
    },
    async makeSpec(): Promise<AgentSpec> {
      const departmentId = Bun.randomUUIDv7();
      const slug = `d-${departmentId}`;
      const suffix = Array.from(
        crypto.getRandomValues(new Uint8Array(12)),
        (byte) => letters[byte % 32],
      ).join("");
      await admin`insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
        values (${departmentId}, ${slug}, 'Human Resources', 'provisioning', ${suffix}, 'local', 'r1', 'ada@example.com')`;
      return {
        departmentId,
        slug,
        release: "r1",
        variables: variablesFor(platform.url, departmentId),
        secretNames: [],
        limits: { cpus: 1, memoryMb: 256, replicas: 1 },
      };
    },
    /** In the database, past the host; nobody is told. */
    async changeByHand({ departmentId }: AgentSpec, name: string, value: string) {
      const [found] = await sql<{ sealed: string }[]>`
        select variables_sealed as sealed from federation.local_agent where department_id = ${departmentId}`;
      const changed = { ...openVariables(departmentId, found?.sealed ?? ""), [name]: value };
      await sql`update federation.local_agent set variables_sealed = ${sealVariables(departmentId, changed)}
        where department_id = ${departmentId}`;
    },
    async untilRow(departmentId: string, fits: (row: Row) => boolean): Promise<Row> {
      for (;;) {
        const found = await row(departmentId);
        if (found && fits(found)) return found;
        await Bun.sleep(10);
      }
    },
    async close() {
      await Promise.all(supervisors.map((supervisor) => supervisor.close()));
      await Promise.all([
        sql.end({ timeout: 2 }),
        supervisorSql.end({ timeout: 2 }),
        admin.end({ timeout: 2 }),
        platform.close(),
      ]);
      await database.close();
      await rm(dataDirectory, { recursive: true });
    },
  };
}

export const call = (): HostCall => ({
  idempotencyKey: Bun.randomUUIDv7(),
  signal: new AbortController().signal,
  fence: () => Promise.resolve(),
});

/** A zombie, left behind where nobody reaps orphans, is not alive. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return !stat.includes(") Z");
}

const letters = "abcdefghijklmnopqrstuvwxyz234567";

/** Differs each time, as a real seal does; which key it is under is not this suite's business. */
const sealVariables = (departmentId: string, variables: Record<string, string>) =>
  Buffer.from(JSON.stringify([Math.random(), departmentId, variables])).toString("base64");

export function openVariables(departmentId: string, sealed: string): Record<string, string> {
  const [, owner, variables] = JSON.parse(Buffer.from(sealed, "base64").toString());
  if (owner !== departmentId) throw new Error("does not open");
  return variables;
}
