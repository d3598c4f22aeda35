import type { Tx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import type { Place } from "../provisioning/places.ts";

/**
 * The department lives there from now on: host, region, release, address, and a version of its definition that says so.
 * A locked one gets no address. The caller holds its row. Answers the version.
 */
export async function changePlace(
  tx: Tx,
  departmentId: string,
  { host, region, release }: Place,
  { agentUrl, by }: { agentUrl: string | null; by: string },
): Promise<number> {
  const [changed] = await tx<{ version: number }[]>`
    update federation.department set host = ${host}, region = ${region}, release = ${release},
      agent_url = case when locked_at is null then ${agentUrl}::text end, config_version = config_version + 1,
      updated_at = clock_timestamp()
    where id = ${departmentId} and host <> ${host} and status <> 'deprovisioned' returning config_version as version`;
  if (!changed) throw conflict("already_there", "The department lives there already, or is gone.");
  const place = { host, ...(region !== null && { region }) };
  await tx`
    insert into federation.department_config (department_id, version, document, created_by)
    select department_id, version + 1, (document - 'region') || ${tx.json(place)}, ${by}
    from federation.department_config where department_id = ${departmentId} and version = ${changed.version - 1}`;
  return changed.version;
}
