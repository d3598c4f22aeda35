import type { Tx } from "../../db/tx.ts";
import { type Family, gauge } from "../format.ts";

interface Row {
  login: string;
  application: string;
  state: string;
  count: number;
}

interface Server {
  used: number;
  max: number;
}

/**
 * Connections of the whole server, and of this database by login. A department's login, and whoever is none of ours,
 * may call itself anything: it has no application here.
 */
export async function connections(tx: Tx): Promise<Family[]> {
  const [server] = await tx<Server[]>`
    select (select sum(d.numbackends) from pg_stat_database d)::float8 as used,
      current_setting('max_connections')::float8 as max`;
  const rows = await tx<Row[]>`
    with session as (
      select case when a.usename ~ '^d_[a-z2-7]{12}$' then 'department'
          when a.usename in ('federation_app', 'federation_gateway', 'federation_provisioner') then a.usename
          else 'other' end as login,
        a.application_name, a.state
      from pg_stat_activity a where a.datname = current_database())
    select login,
      case when login <> 'department' and application_name in ('federation web', 'federation web engine',
        'federation worker', 'federation worker engine', 'federation agents') then application_name else 'other' end as application,
      coalesce(state, 'hidden') as state, count(*)::float8 as count
    from session group by 1, 2, 3 order by 1, 2, 3`;
  return [
    gauge("federation_pg_connections", "Connections of the whole Postgres server.", [
      { value: server?.used ?? 0 },
    ]),
    gauge("federation_pg_connections_max", "Connections that the Postgres server takes.", [
      { value: server?.max ?? 0 },
    ]),
    gauge(
      "federation_pg_sessions",
      "Connections to this database by login, application and state; hidden: the state is not ours to see.",
      rows.map(({ count, ...labels }) => ({ labels: { ...labels }, value: count })),
    ),
  ];
}
