import { type Tx, withTx } from "../../../db/tx.ts";
import { FederationError } from "../../../errors.ts";
import type { HostCall } from "../host.ts";
import { ask } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { listMarked } from "./list-marked.ts";
import { columns, type Place } from "./places.ts";

/**
 * Chooses the workspace that a department's project will be in, for good: the one it has a project in already, else the
 * one with the shortest line. Nothing is sent before that is written down.
 */
export async function choosePlace(ctx: RailwayContext, departmentId: string, call: HostCall): Promise<Place> {
  const about = { departmentId };
  const [project] = await listMarked(ctx, { ...about, mayBeOld: true }, call.signal);
  const workspaces = await ask(ctx, about, call, (railway) => ctx.client.listWorkspaces(railway));
  const ids = project ? [project.workspaceId] : workspaces.map(({ id }) => id).toSorted();
  return withTx(ctx.sql, async (tx) => {
    // Who chooses at the same time counts what the others chose.
    await tx`select pg_advisory_xact_lock(hashtextextended('railway.choose_place', 0))`;
    const workspaceId = await shortestLine(tx, ids);
    // With a project it counts as sent: the next look finds it.
    await tx`insert into federation.railway_place (department_id, workspace_id, project_sends, project_sent_at)
      values (${departmentId}, ${workspaceId}, ${project ? 1 : 0},
        case when ${project !== undefined} then clock_timestamp() end)
      on conflict (department_id) do nothing`;
    const [place] = await tx<Place[]>`
      select ${columns(tx)} from federation.railway_place where department_id = ${departmentId}`;
    await call.fence(tx);
    if (!place) throw new FederationError("internal", "The place is gone again.", { retryable: true });
    return place;
  });
}

/** Fewest departments that still wait for a project, then fewest at all, then the first by id. */
async function shortestLine(tx: Tx, ids: string[]): Promise<string> {
  const [chosen] = await tx<{ id: string }[]>`
    select w.id from unnest(${ids}::text[]) w(id) left join federation.railway_place p on p.workspace_id = w.id
    group by w.id
    order by count(*) filter (where p.department_id is not null and p.project_id is null), count(p.department_id), w.id
    limit 1`;
  if (chosen) return chosen.id;
  throw new FederationError("railway_no_workspace", "Railway's tokens reach no workspace.", { status: 409 });
}
