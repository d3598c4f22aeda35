import type { Tx } from "../db/tx.ts";
import { QUEUES } from "../queue/queues.ts";

/** What the rules look at, all of one moment. */
export interface AlertSnapshot {
  /** Of departments that are to run. `unhealthy`: three looks in a row failed. */
  agents: { count: number; unhealthy: number };
  /** The run or job that is due for longest and nobody took. */
  oldestDue: { queue: string; ageSeconds: number } | null;
  /** Of the last hour. */
  refreshes: { tries: number; failures: number };
  /** `max`: those for ordinary roles. */
  connections: { used: number; max: number };
  /** `problems`: of the last verification, 0 when there was none. `unsealedSeconds`: age of the oldest event without a checkpoint. */
  audit: { problems: number; unsealedSeconds: number };
  quietRuns: QuietRun[];
  endpointsOff: EndpointOff[];
  expiringKeys: ExpiringKey[];
  blockedBudgets: { name: string; blockedSeconds: number }[];
}

export interface QuietRun {
  id: string;
  kind: string;
  departmentId: string;
  department: string;
  /** Since a step began or ended. */
  quietSeconds: number;
}

export interface EndpointOff {
  id: string;
  departmentId: string | null;
  host: string;
  reason: "gone" | "failing";
}

export interface ExpiringKey {
  id: string;
  name: string;
  departmentId: string | null;
  /** The department's slug; people are not named where anybody may listen. */
  owner: string;
  hoursLeft: number;
}

/** Of each list those that are so for longest: more of them would tell nobody more. */
const listedMax = 50;

/** Reads the figures in a handful of statements, whatever the size of the installation. */
export async function takeSnapshot(tx: Tx): Promise<AlertSnapshot> {
  const [agents] = await tx<AlertSnapshot["agents"][]>`
    select count(*)::int as count, (count(*) filter (where h.status = 'unhealthy'))::int as unhealthy
    from federation.department d left join federation.department_health h on h.department_id = d.id
    where d.status in ('active', 'degraded')`;
  const [refreshes] = await tx<AlertSnapshot["refreshes"][]>`
    select count(*)::int as tries, (count(*) filter (where decision = 'failed'))::int as failures
    from audit.event where action = 'credential.refresh'
      and at_us > extract(epoch from now() - interval '1 hour')::bigint * 1000000`;
  const [connections] = await tx<AlertSnapshot["connections"][]>`
    select (select count(*)::int from pg_stat_activity where usesysid is not null) as used,
      (select sum(case name when 'max_connections' then setting::int else - setting::int end)::int from pg_settings
        where name in ('max_connections', 'superuser_reserved_connections', 'reserved_connections')) as max`;
  return {
    agents: agents ?? { count: 0, unhealthy: 0 },
    oldestDue: await findOldestDue(tx),
    refreshes: refreshes ?? { tries: 0, failures: 0 },
    connections: connections ?? { used: 0, max: 0 },
    audit: await readAudit(tx),
    quietRuns: await listQuietRuns(tx),
    endpointsOff: await listEndpointsOff(tx),
    expiringKeys: await listExpiringKeys(tx),
    blockedBudgets: await listBlockedBudgets(tx),
  };
}

/** Runs by the same condition as `claimRuns`, jobs of the queues that are ours. */
async function findOldestDue(tx: Tx): Promise<AlertSnapshot["oldestDue"]> {
  const [oldest] = await tx<NonNullable<AlertSnapshot["oldestDue"]>[]>`
    select queue, extract(epoch from clock_timestamp() - since)::float8 as "ageSeconds" from (
      select 'run' as queue, min(coalesce(lease_until, wake_at, created_at)) as since from federation.run
      where status in ('queued', 'running', 'waiting', 'failed', 'rolling_back')
        and coalesce(lease_until, wake_at, created_at) <= clock_timestamp()
        and (status <> 'failed' or wake_at is not null)
      union all
      select name, min(start_after) from pgboss.job
      where name = any(${QUEUES.map(({ name }) => name)}) and state in ('created', 'retry')
        and start_after <= clock_timestamp()
      group by name
    ) due where since is not null order by since limit 1`;
  return oldest ?? null;
}

/** The first event behind each sealed head; streams that have not moved cost nothing. */
async function readAudit(tx: Tx): Promise<AlertSnapshot["audit"]> {
  const [audit] = await tx<AlertSnapshot["audit"][]>`
    select coalesce((select problems from federation.audit_verification), 0) as problems,
      coalesce((
        select extract(epoch from clock_timestamp()) - min(e.at_us) / 1000000.0
        from audit.head h left join audit.sealed_head s on s.stream = h.stream
        cross join lateral (select at_us from audit.event e
          where e.stream = h.stream and e.seq = coalesce(s.seq, 0) + 1 limit 1) e
        where h.seq > coalesce(s.seq, 0)
      ), 0)::float8 as "unsealedSeconds"`;
  return audit ?? { problems: 0, unsealedSeconds: 0 };
}

async function listQuietRuns(tx: Tx): Promise<QuietRun[]> {
  return [
    ...(await tx<QuietRun[]>`
      select r.id, r.kind, d.id as "departmentId", d.slug as department,
        extract(epoch from clock_timestamp() - greatest(r.started_at, s.at))::float8 as "quietSeconds"
      from federation.run r join federation.department d on d.id = r.department_id
      cross join lateral (select max(greatest(started_at, finished_at)) as at from federation.step where run_id = r.id) s
      where r.status in ('running', 'rolling_back')
      order by 5 desc nulls last, r.id limit ${listedMax}`),
  ];
}

async function listEndpointsOff(tx: Tx): Promise<EndpointOff[]> {
  return [
    ...(await tx<EndpointOff[]>`
      select id, department_id as "departmentId", substring(url from '^https?://([^/?#]+)') as host, off_reason as reason
      from federation.webhook_endpoint where status = 'off' and off_reason in ('gone', 'failing')
      order by updated_at, id limit ${listedMax}`),
  ];
}

/** Keys that somebody used within 30 days: what nobody uses may end. */
async function listExpiringKeys(tx: Tx): Promise<ExpiringKey[]> {
  return [
    ...(await tx<ExpiringKey[]>`
      select c.id, c.name, c.department_id as "departmentId", coalesce(d.slug, 'a person of the platform') as owner,
        extract(epoch from c.expires_at - clock_timestamp())::float8 / 3600 as "hoursLeft"
      from federation.api_client c left join federation.department d on d.id = c.department_id
      where c.status = 'active' and c.expires_at between clock_timestamp() and clock_timestamp() + interval '14 days'
        and c.last_used_at > clock_timestamp() - interval '30 days'
      order by c.expires_at, c.id limit ${listedMax}`),
  ];
}

async function listBlockedBudgets(tx: Tx): Promise<AlertSnapshot["blockedBudgets"]> {
  return [
    ...(await tx<AlertSnapshot["blockedBudgets"]>`
      select name, extract(epoch from clock_timestamp() - blocked_since)::float8 as "blockedSeconds"
      from federation.call_budget where blocked_until > clock_timestamp() and blocked_since is not null
      order by blocked_since, name limit ${listedMax}`),
  ];
}
