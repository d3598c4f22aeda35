import { setTimeout as sleep } from "node:timers/promises";
import { type Sql, type Tx, withTx } from "../../../db/tx.ts";
import { FederationError } from "../../../errors.ts";
import type { Call } from "../../../net/trace-call.ts";
import { createAgentClient } from "../../agents/client.ts";
import type { AgentSpec, Host, HostCall, OwnedThing } from "../host.ts";
import { localDrift } from "./drift.ts";
import { localAgentChannel, localAgentUrl } from "./store.ts";

type Variables = Record<string, string>;

export interface LocalHostOptions {
  sql: Sql;
  sealVariables(departmentId: string, variables: Variables): Promise<string> | string;
  openVariables(departmentId: string, sealed: string): Promise<Variables> | Variables;
  send?: Call;
  /** How long `deploy` and `stop` wait for the supervisor. */
  waitSeconds?: number;
}

interface Row {
  desired: "running" | "stopped";
  release: string;
  sealed: string;
  port: number | null;
  running_version: number | null;
  /** Something runs or may be about to. */
  live: boolean;
}

const healthSeconds = 5;

/** Agents as child processes of this machine's supervisor: the host writes what it wants, the supervisor does it. */
export function createLocalHost(options: LocalHostOptions): Host {
  const { sql, waitSeconds = 20 } = options;
  const agents = createAgentClient(options.send);

  async function read(departmentId: string): Promise<Row | undefined> {
    const [row] = await sql<Row[]>`
      select desired, release, variables_sealed as sealed, port, running_version,
        started_at is not null and stopped_at is null as live
      from federation.local_agent where department_id = ${departmentId}`;
    return row;
  }

  async function waitFor<T>(
    departmentId: string,
    signal: AbortSignal,
    find: (row: Row | undefined) => T | undefined,
  ) {
    const until = performance.now() + waitSeconds * 1000;
    for (let pauseMs = 10; performance.now() < until; pauseMs = Math.min(50, pauseMs + 10)) {
      signal.throwIfAborted();
      const found = find(await read(departmentId));
      if (found !== undefined) return found;
      await sleep(pauseMs, undefined, { signal });
    }
    return undefined;
  }

  /** A write of a worker that was taken over while it made it does not commit. */
  function fenced<T>(call: HostCall, write: (tx: Tx) => Promise<T>): Promise<T> {
    return withTx(sql, async (tx) => {
      const written = await write(tx);
      await call.fence(tx);
      return written;
    });
  }

  async function stop(departmentId: string, call: HostCall) {
    await fenced(
      call,
      (tx) => tx`
      with changed as (
        update federation.local_agent set desired = 'stopped', updated_at = clock_timestamp()
        where department_id = ${departmentId} and desired = 'running' returning 1
      ) select pg_notify(${localAgentChannel}, '') from changed`,
    );
    const stopped = await waitFor(departmentId, call.signal, (row) => (row?.live ? undefined : true));
    if (!stopped) throw notYet("agent_not_stopped", "The agent did not stop in time.");
  }

  return {
    name: "local",
    ensureProject: async ({ departmentId }) => project(departmentId),
    async ensureService({ departmentId, release, variables }, call) {
      const sealed = await options.sealVariables(departmentId, variables);
      await fenced(
        call,
        (tx) => tx`
        insert into federation.local_agent (department_id, desired, spec_version, variables_sealed, release, updated_at)
        values (${departmentId}, 'stopped', 0, ${sealed}, ${release}, clock_timestamp())
        on conflict (department_id) do nothing`,
      );
      return agent(departmentId);
    },
    async setVariables({ departmentId, variables }, call) {
      const row = await read(departmentId);
      if (!row) throw missing();
      if (await isSealed(options, departmentId, row.sealed, variables)) return;
      const sealed = await options.sealVariables(departmentId, variables);
      await fenced(
        call,
        (tx) => tx`
        with changed as (
          update federation.local_agent
          set variables_sealed = ${sealed}, spec_version = spec_version + 1, updated_at = clock_timestamp()
          where department_id = ${departmentId} returning 1
        ) select pg_notify(${localAgentChannel}, '') from changed`,
      );
    },
    async deploy(spec, call) {
      const version = await fenced(call, (tx) => wantRunning(tx, spec));
      if (version === undefined) throw missing();
      const url = await waitFor(spec.departmentId, call.signal, (row) => {
        if (row?.desired !== "running") throw stoppedMeanwhile();
        return row.live && row.port !== null && (row.running_version ?? -1) >= version
          ? localAgentUrl(row.port)
          : undefined;
      });
      if (!url) throw notYet("agent_not_started", "The agent did not start in time.");
      return { url };
    },
    async health(departmentId, signal) {
      const row = await read(departmentId);
      if (!row || row.desired === "stopped") return { status: "absent", detail: "The agent is not wanted." };
      if (!row.live || row.port === null || row.running_version === null) {
        return { status: "starting", detail: "The agent is about to start." };
      }
      return await agents.health(
        localAgentUrl(row.port),
        AbortSignal.any([signal, AbortSignal.timeout(healthSeconds * 1000)]),
      );
    },
    restart: async (departmentId, call) => void (await fenced(call, (tx) => wantAnother(tx, departmentId))),
    stop,
    async destroy(departmentId, call) {
      await stop(departmentId, call);
      const { count } = await fenced(
        call,
        (tx) => tx`delete from federation.local_agent
        where department_id = ${departmentId} and desired = 'stopped' and (started_at is null or stopped_at is not null)`,
      );
      if (count === 0 && (await read(departmentId)))
        throw notYet("agent_not_stopped", "The agent was started again.");
    },
    inspect: async (departmentId) => ((await read(departmentId)) ? [agent(departmentId)] : []),
    listOwned: () => listAgents(sql),
    drift: (spec) => localDrift(options, spec),
  };
}

async function listAgents(sql: Sql): Promise<OwnedThing[]> {
  const rows = await sql<{ id: string }[]>`
    select department_id as id from federation.local_agent order by department_id`;
  return rows.map(({ id }) => agent(id));
}

/** Another version is what makes the supervisor end a process, however it hangs, and start it anew. */
const wantAnother = (sql: Tx, departmentId: string) => sql`
  with changed as (
    update federation.local_agent set spec_version = spec_version + 1, updated_at = clock_timestamp()
    where department_id = ${departmentId} and desired = 'running' returning 1
  ) select pg_notify(${localAgentChannel}, '') from changed`;

/** A version is only made when something changes: a repeated deploy finds what the first one wanted. */
async function wantRunning(sql: Tx, { departmentId, release }: AgentSpec): Promise<number | undefined> {
  const [row] = await sql<{ version: number }[]>`
    with changed as (
      update federation.local_agent set desired = 'running', release = ${release}, updated_at = clock_timestamp(),
        spec_version = spec_version + case when desired = 'stopped' or release <> ${release} then 1 else 0 end
      where department_id = ${departmentId} returning spec_version as version
    ) select version, pg_notify(${localAgentChannel}, '') from changed`;
  return row?.version;
}

/** Seals differ each time, so what is in there is compared; what does not open is replaced. */
async function isSealed(
  options: LocalHostOptions,
  departmentId: string,
  sealed: string,
  variables: Variables,
) {
  const sorted = (values: Variables) => JSON.stringify(Object.entries(values).sort());
  try {
    return sorted(await options.openVariables(departmentId, sealed)) === sorted(variables);
  } catch {
    return false;
  }
}

const project = (departmentId: string): OwnedThing => ({
  kind: "local_project",
  externalId: `local:${departmentId}`,
  departmentId,
});
const agent = (departmentId: string): OwnedThing => ({
  kind: "local_agent",
  externalId: `local-agent:${departmentId}`,
  departmentId,
});
const notYet = (code: string, message: string) =>
  new FederationError(code, message, { status: 503, retryable: true });
const stoppedMeanwhile = () =>
  new FederationError("agent_stopped", "The agent was stopped while it started.", { status: 409 });
const missing = () =>
  new FederationError("agent_missing", "The department has no agent on this host.", { status: 409 });
