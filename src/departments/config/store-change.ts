import type { Demand } from "../../approvals/demand.ts";
import { useApproval } from "../../approvals/use.ts";
import { withApproval } from "../../approvals/with-approval.ts";
import { appendAudit } from "../../audit/append.ts";
import type { DepartmentConfig } from "../../config-schema/department.ts";
import type { Ctx } from "../../context.ts";
import { type Tx, withTx } from "../../db/tx.ts";
import { conflict } from "../../errors.ts";
import { auditActor } from "../../members/audit-actor.ts";
import type { Department } from "../resolve.ts";
import { changesBetween, type ConfigChange } from "./diff.ts";
import { readVersion } from "./show.ts";

export interface ConfigStored {
  department_id: string;
  /** The one the department has now; of a dry run, the one it had. */
  version: number;
  changes: ConfigChange[];
}

interface Wanted {
  action: "config.put" | "config.rollback";
  /** What was asked for, as a second person approves it. */
  request: { expected_version: number };
  config: DepartmentConfig;
  dryRun: boolean;
}

interface NextVersion {
  expected: number;
  document: DepartmentConfig;
  changes: ConfigChange[];
}

/**
 * Stores the version after the expected one, or only says what it would change; for `put` and `rollback`. Throws 409
 * `version_conflict`, `host_is_fixed`, `direct_access_is_fixed` and `n8n_is_fixed`; 403 `approval_required` where a
 * second person has to agree.
 */
export async function storeChange(ctx: Ctx, department: Department, wanted: Wanted): Promise<ConfigStored> {
  const { id, slug } = department;
  const { action, request, dryRun } = wanted;
  const next = await checkChange(ctx, department, wanted);
  const { changes, expected } = next;
  if (dryRun) return { department_id: slug, version: expected, changes };
  const change = { from_version: expected, changes };
  const demand: Demand = {
    action: "config-change",
    target: id,
    departmentId: id,
    request: [action, request],
    change,
  };
  await withApproval(ctx, demand, () =>
    withTx(ctx.db.app, (tx) => storeVersion(ctx, tx, { id, action, demand, next })),
  );
  return { department_id: slug, version: expected + 1, changes };
}

/** Versions never change and the effect is only on the expected one: what is right here is right there. */
async function checkChange(ctx: Ctx, department: Department, wanted: Wanted): Promise<NextVersion> {
  const { config, request } = wanted;
  const expected = request.expected_version;
  const host = config.host ?? department.host;
  const region = config.region ?? department.region;
  if (host !== department.host || region !== department.region) {
    throw conflict("host_is_fixed", "Host and region of a department change by moving it.");
  }
  const before = await readVersion(ctx.db.app, department, expected);
  if (directAccess(config) !== directAccess(before.config)) {
    throw conflict(
      "direct_access_is_fixed",
      "A department gets or loses its database login when it is provisioned.",
    );
  }
  if (n8nInstance(config) !== n8nInstance(before.config))
    throw conflict("n8n_is_fixed", "A department gets its n8n when it is provisioned.");
  if (department.configVersion !== expected || isGoing(department)) throw hasChanged();
  const document = { ...config, host, ...(region !== null && { region }) } as DepartmentConfig;
  return { expected, document, changes: changesBetween(before.config, document) };
}

async function storeVersion(
  ctx: Ctx,
  tx: Tx,
  { id, action, demand, next }: { id: string; action: string; demand: Demand; next: NextVersion },
): Promise<void> {
  const { expected, document, changes } = next;
  const version = expected + 1;
  const limit = document.custom_config?.limits?.queries_per_minute ?? null;
  const updated = await tx`
    update federation.department set config_version = ${version}, name = ${document.department_name},
      admin_email = ${document.admin_email}, query_limit = ${limit}, query_window_seconds = ${limit && 60}, updated_at = clock_timestamp()
    where id = ${id} and config_version = ${expected}
      and status in ('provisioning', 'active', 'degraded', 'suspended', 'failed')`;
  if (updated.count === 0) throw hasChanged();
  const approval = await useApproval(ctx, tx, demand);
  await tx`
    insert into federation.department_config (department_id, version, document, created_by)
    values (${id}, ${version}, ${tx.json(document as never)}, ${ctx.caller.id})`;
  const paths = changes.map((change) => change.path).join(" ");
  const meta = { version, paths: paths.slice(0, 2000), ...(approval && { approval }) };
  await appendAudit(tx, [{ ...auditActor(ctx), stream: id, action, decision: "done", meta }]);
}

const isGoing = ({ status }: Department) => status === "deprovisioning" || status === "deprovisioned";
const hasChanged = () => conflict("version_conflict", "The definition has changed; read it again.");
const directAccess = (config: DepartmentConfig) => config.custom_config?.database?.direct_access ?? false;
const n8nInstance = (config: DepartmentConfig) => config.custom_config?.n8n?.instance ?? "shared";
