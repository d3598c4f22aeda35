import { type Sql, type Tx, withTx } from "../../../db/tx.ts";
import { WaitError } from "../../../errors.ts";
import type { ServicePlace } from "../../railway/railway.ts";
import type { HostCall } from "../host.ts";
import { agentMissing, type RailwayContext } from "./context.ts";

/** A department's row in `federation.railway_place`; ages are seconds since, on the database's clock. */
export interface Place {
  departmentId: string;
  version: number;
  workspaceId: string;
  projectId: string | null;
  environmentId: string | null;
  serviceId: string | null;
  /** Since the project was sent; null: it was not. */
  projectAge: number | null;
  projectSends: number;
  madeAge: number | null;
  variablesHash: string | null;
  settingsHash: string | null;
  limitsHash: string | null;
  domainAge: number | null;
  domain: string | null;
  /** Since the deploy that is under way was sent; null: none is. */
  deployAge: number | null;
  deployRevision: string | null;
  deployKey: string | null;
  /** Deployments that there were before it. */
  deployKnown: string[];
  /** Of the last deploy, unless its answer is unknown. */
  deploymentId: string | null;
  runningRevision: string | null;
  runningDeploymentId: string | null;
  previousRevision: string | null;
  previousDeploymentId: string | null;
  isStopped: boolean;
}

export type ProjectPlace = Place & Pick<ServicePlace, "projectId" | "environmentId">;
export type ServicedPlace = Place & ServicePlace;

export async function readPlace(sql: Sql, departmentId: string): Promise<Place | undefined> {
  const [place] = await sql<Place[]>`
    select ${columns(sql)} from federation.railway_place where department_id = ${departmentId}`;
  return place;
}

export function listPlaces(sql: Sql): Promise<Place[]> {
  return sql<Place[]>`select ${columns(sql)} from federation.railway_place order by department_id`;
}

/** The place of a department that has a service. Throws `agent_missing`. */
export async function servicedPlace(sql: Sql, departmentId: string): Promise<ServicedPlace> {
  const place = await readPlace(sql, departmentId);
  if (!place || !hasService(place)) throw agentMissing();
  return place;
}

export const hasProject = (place: Place): place is ProjectPlace => place.projectId !== null;
export const hasService = (place: Place): place is ServicedPlace => place.serviceId !== null;

/**
 * Changes the row as it was read, while the lease is held, and answers it as it is now; `change` leaves what P promises.
 * Throws a WaitError where another run has changed it meanwhile: everything is to be looked at again.
 */
export function writePlace<P extends Place>(
  ctx: RailwayContext,
  place: P,
  call: HostCall,
  change: (tx: Tx) => ReturnType<Tx>,
): Promise<P> {
  call.signal.throwIfAborted();
  return withTx(ctx.sql, async (tx) => {
    const [changed] = await tx<P[]>`
      update federation.railway_place
      set ${change(tx)}, version = version + 1, updated_at = clock_timestamp()
      where department_id = ${place.departmentId} and version = ${place.version}
      returning ${columns(tx)}`;
    await call.fence(tx);
    if (!changed) throw changedMeanwhile(ctx);
    return changed;
  });
}

export async function deletePlace(ctx: RailwayContext, place: Place, call: HostCall): Promise<void> {
  await withTx(ctx.sql, async (tx) => {
    const { count } = await tx`
      delete from federation.railway_place
      where department_id = ${place.departmentId} and version = ${place.version}`;
    await call.fence(tx);
    if (count === 0) throw changedMeanwhile(ctx);
  });
}

/** For `writePlace`: another service than before has no variables, no settings and no deployments. */
export const nothingOfService = (tx: Tx) => tx`
  variables_hash = null, settings_hash = null, limits_hash = null, domain_sent_at = null, domain = null,
  deploy_sent_at = null, deploy_known = '{}', deployment_id = null, running_revision = null,
  running_deployment_id = null, previous_revision = null, previous_deployment_id = null`;

export function columns(sql: Sql | Tx) {
  const age = (column: string) => sql`extract(epoch from clock_timestamp() - ${sql(column)})::float8`;
  return sql`department_id as "departmentId", version, workspace_id as "workspaceId", project_id as "projectId",
    environment_id as "environmentId", service_id as "serviceId", ${age("project_sent_at")} as "projectAge",
    project_sends as "projectSends", ${age("made_at")} as "madeAge", variables_hash as "variablesHash",
    settings_hash as "settingsHash", limits_hash as "limitsHash", ${age("domain_sent_at")} as "domainAge", domain,
    ${age("deploy_sent_at")} as "deployAge", deploy_revision as "deployRevision", deploy_key as "deployKey",
    deploy_known as "deployKnown", deployment_id as "deploymentId", running_revision as "runningRevision",
    running_deployment_id as "runningDeploymentId", previous_revision as "previousRevision",
    previous_deployment_id as "previousDeploymentId", stopped_at is not null as "isStopped"`;
}

const changedMeanwhile = ({ pace }: RailwayContext) =>
  new WaitError("agent_changed", "Another run changed the agent meanwhile.", {
    seconds: Math.min(1, pace.pollSeconds),
    inLine: false,
  });
