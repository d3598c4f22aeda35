import type { Sql } from "../../../db/tx.ts";

export interface DesiredAgent {
  departmentId: string;
  slug: string;
  /** Grows with every change of what should run. */
  specVersion: number;
  /** Where it answered last; tried first, so that its URL stays. */
  port: number | undefined;
  /** The agent's environment, opened only when it is started. */
  variables(): Promise<Record<string, string>>;
}

export interface RunningAgent {
  port: number;
  pid: number;
  specVersion: number;
  /** True when its predecessor of the same version ended by itself. */
  restarted: boolean;
}

/** What the supervisor is told and tells: which agents should run here, and which do. */
export interface LocalAgentStore {
  desired(): Promise<DesiredAgent[]>;
  /** Nothing runs: what an earlier supervisor reported is over. */
  reset(): Promise<void>;
  /** Asked before a first start; false when the agent is no longer wanted. From here to `reportStopped` it may run. */
  claim(departmentId: string): Promise<boolean>;
  /** Also moves the department's known address along when the port is another one, if this is where it lives. */
  reportRunning(departmentId: string, running: RunningAgent): Promise<void>;
  reportStopped(departmentId: string): Promise<void>;
  /** Calls back when something may have changed; callbacks may be lost, so `desired` is asked regularly anyway. */
  changed(callback: () => void): Promise<{ close(): Promise<void> }>;
}

export interface PostgresAgentStoreOptions {
  sql: Sql;
  /** Pool whose LISTEN connection is used; one that may hold a session for good. */
  listenSql: Sql;
  openVariables(
    departmentId: string,
    sealed: string,
  ): Promise<Record<string, string>> | Record<string, string>;
}

export const localAgentChannel = "federation_local_agent";

export const localAgentUrl = (port: number) => `http://127.0.0.1:${port}`;

/** The store in `federation.local_agent`. Variables stay sealed in the database and are opened per start. */
export function postgresAgentStore({
  sql,
  listenSql,
  openVariables,
}: PostgresAgentStoreOptions): LocalAgentStore {
  async function variables(departmentId: string) {
    const [row] = await sql<{ sealed: string }[]>`
      select variables_sealed as sealed from federation.local_agent where department_id = ${departmentId}`;
    if (!row) throw new Error("the agent is no longer wanted");
    return await openVariables(departmentId, row.sealed);
  }

  return {
    async desired() {
      const rows = await sql<{ id: string; slug: string; version: number; port: number | null }[]>`
        select d.id, d.slug, a.spec_version as version, a.port
        from federation.local_agent a join federation.department d on d.id = a.department_id
        where a.desired = 'running' order by d.id`;
      return rows.map(({ id, slug, version, port }) => ({
        departmentId: id,
        slug,
        specVersion: version,
        port: port ?? undefined,
        variables: () => variables(id),
      }));
    },
    async reset() {
      await sql`update federation.local_agent set pid = null, running_version = null, stopped_at = clock_timestamp()
        where started_at is not null and stopped_at is null`;
    },
    async claim(departmentId) {
      const { count } =
        await sql`update federation.local_agent set started_at = clock_timestamp(), stopped_at = null
        where department_id = ${departmentId} and desired = 'running'`;
      return count === 1;
    },
    async reportRunning(departmentId, { port, pid, specVersion, restarted }) {
      const url = localAgentUrl(port);
      await sql`
        with told as (
          update federation.local_agent set port = ${port}, pid = ${pid}, running_version = ${specVersion},
            started_at = clock_timestamp(), stopped_at = null, restarts = restarts + ${restarted ? 1 : 0}
          where department_id = ${departmentId} and desired = 'running'
        )
        update federation.department set agent_url = ${url}, updated_at = clock_timestamp()
        where id = ${departmentId} and host = 'local' and agent_url <> ${url}`;
    },
    async reportStopped(departmentId) {
      await sql`update federation.local_agent set pid = null, running_version = null, stopped_at = clock_timestamp()
        where department_id = ${departmentId}`;
    },
    async changed(callback) {
      const { unlisten } = await listenSql.listen(localAgentChannel, callback, callback);
      return { close: unlisten };
    },
  };
}
