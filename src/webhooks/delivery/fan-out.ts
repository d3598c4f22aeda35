import type { Sql } from "../../db/tx.ts";
import type { EventType } from "../emit.ts";

/** What the `callback_url` of a department hears of it. */
const callbackTypes: EventType[] = [
  "department.provisioned",
  "department.failed",
  "department.deprovisioned",
];
const eventsMax = 100;

/**
 * Turns new events into one delivery per endpoint that wants them, in one statement; any number of workers may. Answers
 * whether there may be more. A callback follows its config: another URL is another receiver, and switched on again.
 */
export async function fanOut(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ events: number }[]>`
    with fresh as materialized (
      select id, type, department_id from federation.webhook_event where fanned_out_at is null
      order by created_at limit ${eventsMax} for update skip locked
    ), wanted as (
      select d.id, c.document #>> '{custom_config,callback_url}' as url
      from federation.department d
      join federation.department_config c on c.department_id = d.id and c.version = d.config_version
      where d.id in (select f.department_id from fresh f where f.type = any(${callbackTypes}))
        and c.document #>> '{custom_config,callback_url}' <> ''
    ), callback as (
      insert into federation.webhook_endpoint as w (id, kind, department_id, url, types, status, created_by)
      select id, 'callback', id, url, ${callbackTypes}, 'active', 'config' from wanted order by id
      on conflict (id) do update set url = excluded.url, updated_at = clock_timestamp(),
        status = case when w.url = excluded.url then w.status else 'active' end,
        off_reason = case when w.url = excluded.url then w.off_reason end,
        failing_since = case when w.url = excluded.url then w.failing_since end
      returning w.id, w.department_id, w.types, w.status
    ), receiver as (
      select id, department_id, types from federation.webhook_endpoint where kind = 'endpoint' and status = 'active'
      union all
      select id, department_id, types from callback where status = 'active'
    ), made as (
      insert into federation.webhook_delivery (endpoint_id, event_id)
      select r.id, f.id from fresh f join receiver r on (r.department_id is null or r.department_id = f.department_id)
        and (r.types = '{}' or f.type = any(r.types))
      on conflict (endpoint_id, event_id) do nothing
    ), taken as (
      update federation.webhook_event e set fanned_out_at = clock_timestamp() from fresh f where e.id = f.id
    )
    select count(*)::int as events from fresh`;
  return (row?.events ?? 0) === eventsMax;
}
