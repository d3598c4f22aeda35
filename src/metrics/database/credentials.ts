import type { Tx } from "../../db/tx.ts";
import { type Family, gauge } from "../format.ts";

interface Row {
  of: "credential" | "client";
  status: string;
  count: number;
  failing: number;
  expiry: number | null;
}

const statuses = ["pending_consent", "active", "refreshing", "needs_consent"];
const clientStatuses = ["free", "leased", "cooling"];

/** Credentials that departments have at providers, and the pool of OAuth clients. */
export async function credentials(tx: Tx): Promise<Family[]> {
  const rows = await tx<Row[]>`
    select 'credential' as of, c.status, count(*)::float8 as count,
      (count(*) filter (where c.failures > 0 or c.status = 'needs_consent'))::float8 as failing,
      extract(epoch from min(c.access_expires_at) filter (where c.status in ('active', 'refreshing')) - clock_timestamp())::float8
        as expiry
    from federation.credential c where c.status <> 'revoked' group by c.status
    union all
    select 'client', o.status, count(*)::float8, 0, null from federation.oauth_client o
    where o.status <> 'retired' and o.origin = 'pool' group by o.status`;
  const of = (what: Row["of"], known: readonly string[]) =>
    known.map((status) => ({
      labels: { status },
      value: rows.find((row) => row.of === what && row.status === status)?.count ?? 0,
    }));
  const expiries = rows.flatMap(({ expiry }) => expiry ?? []);
  const failing = rows.reduce((sum, row) => sum + row.failing, 0);
  return [
    gauge(
      "federation_credentials",
      "Credentials by status, without revoked ones.",
      of("credential", statuses),
    ),
    gauge(
      "federation_credentials_failing",
      "Credentials whose last refresh failed or that need consent again.",
      [{ value: failing }],
    ),
    gauge(
      "federation_credential_expiry_seconds",
      "Until the first access token in use expires; negative once it has. No series without one.",
      expiries.length === 0 ? [] : [{ value: Math.min(...expiries) }],
    ),
    gauge("federation_oauth_clients", "OAuth clients of the pool by status.", of("client", clientStatuses)),
  ];
}
