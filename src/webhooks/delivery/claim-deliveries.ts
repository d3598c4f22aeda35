import type { Sql } from "../../db/tx.ts";
import type { JsonObject } from "../../json.ts";
import type { EndpointFormat } from "../endpoints/endpoint.ts";
import { presentSecrets, type SealedSecret } from "../secrets.ts";

/** A delivery that this worker sends now. */
export interface ClaimedDelivery {
  id: string;
  /** Counts every attempt ever made: an outcome is stored only under the fence it was claimed with. */
  fence: number;
  /** Of the schedule; the first is 1. */
  attempt: number;
  endpoint_id: string;
  format: EndpointFormat;
  /** What may be shown of it; all of it unless `url_sealed` is. */
  url: string;
  url_sealed: string | null;
  is_failing: boolean;
  event_id: string;
  type: string;
  data: JsonObject;
  timestamp: string;
  /** Whose event it is; null = of the platform. */
  department: { slug: string; name: string } | null;
  secrets: SealedSecret[];
}

/** Longer than a send may take; after it the sender counts as lost and the message is sent again. */
const leaseSeconds = 60;
const perEndpointMax = 4;

/**
 * Takes up to `room` deliveries that are due, at most four at a time of one endpoint and at most `failingRoom` of
 * endpoints that fail at present, so that what is dead holds nobody up.
 */
export async function claimDeliveries(
  sql: Sql,
  room: number,
  failingRoom: number,
): Promise<ClaimedDelivery[]> {
  // now() and not clock_timestamp(): a volatile function would keep the index from being used.
  return sql<ClaimedDelivery[]>`
    with due as materialized (
      select o.id, o.due_at, w.failing_since is not null as is_failing
      from federation.webhook_endpoint w cross join lateral (
        select v.id, v.due_at from federation.webhook_delivery v
        where v.endpoint_id = w.id and v.due_at <= now()
        order by v.due_at
        limit greatest(0, ${perEndpointMax} - (select count(*) from federation.webhook_delivery s
          where s.endpoint_id = w.id and s.status = 'sending' and s.due_at > now()))
        for update skip locked
      ) o
      where w.status = 'active'
    ), picked as materialized (
      select id from (select d.*, row_number() over (partition by is_failing order by due_at) as place from due d) ranked
      where not is_failing or place <= ${failingRoom}
      order by is_failing, due_at limit ${room}
    )
    update federation.webhook_delivery v set status = 'sending', attempt = v.attempt + 1, fence = v.fence + 1,
      due_at = clock_timestamp() + make_interval(secs => ${leaseSeconds}), last_attempt_at = clock_timestamp()
    from picked p, federation.webhook_endpoint w,
      federation.webhook_event e left join federation.department d on d.id = e.department_id
    where v.id = p.id and w.id = v.endpoint_id and e.id = v.event_id
    returning v.id, v.fence, v.attempt, v.endpoint_id, w.format, w.url, w.url_sealed, w.failing_since is not null as is_failing, v.event_id,
      e.type, e.data, to_json(e.created_at)#>>'{}' as timestamp,
      case when d.id is not null then jsonb_build_object('slug', d.slug, 'name', d.name) end as department, ${presentSecrets(sql, "endpoint_id", "w")} as secrets`;
}
