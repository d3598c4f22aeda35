import type { Tx } from "../../db/tx.ts";
import { unprocessable } from "../../errors.ts";

/** A session that a request names, and where in the request. */
export interface NamedSession {
  path: string;
  id: string | null;
}

const namedMax = 50;

/** Keeps the sessions named from being deleted until the transaction ends. Throws 422 `unknown_session` with the paths. */
export async function checkSessions(
  tx: Tx,
  schemaName: string,
  sessions: readonly NamedSession[],
): Promise<void> {
  const ids = [...new Set(sessions.flatMap(({ id }) => id ?? []))];
  if (ids.length === 0) return;
  const rows = await tx<{ id: string }[]>`
    select s.id from ${tx(schemaName)}.session s where s.id = any(${ids}::uuid[]) order by s.id for key share`;
  const known = new Set(rows.map(({ id }) => id));
  const errors = sessions
    .filter(({ id }) => id !== null && !known.has(id))
    .map(({ path }) => ({ path, message: "is not known" }));
  if (errors.length > 0)
    throw unprocessable("unknown_session", "There is no such session.", errors.slice(0, namedMax));
}
