import { appendAudit } from "../../audit/append.ts";
import type { DepartmentConfig } from "../../config-schema/department.ts";
import type { Ctx } from "../../context.ts";
import { type Tx, withTx } from "../../db/tx.ts";
import { conflict } from "../../errors.ts";
import { auditActor } from "../../members/audit-actor.ts";
import { type Department, resolveDepartment } from "../resolve.ts";
import { changesBetween, type ConfigChange } from "./diff.ts";
import { readVersion } from "./show.ts";

export interface ConfigStored {
  department_id: string;
  version: number;
  changes: ConfigChange[];
}

/**
 * Stores a new version of a definition. Throws 409 `version_conflict` unless `expected_version` is the present one,
 * 409 `host_is_fixed` for another host or region: that is a move, and 409 `direct_access_is_fixed` or `n8n_is_fixed`.
 */
export async function putConfig(
  ctx: Ctx,
  idOrSlug: string,
  input: { expected_version: number; config: DepartmentConfig },
): Promise<ConfigStored> {
  return withTx(ctx.db.app, async (tx) => {
    const department = await resolveDepartment(ctx, idOrSlug, tx);
    return storeVersion(ctx, tx, department, {
      expected: input.expected_version,
      config: input.config,
      action: "config.put",
    });
  });
}

/** Adds the version, makes it the present one and records it; for `put` and `rollback`. */
export async function storeVersion(
  ctx: Ctx,
  tx: Tx,
  department: Department,
  { expected, config, action }: { expected: number; config: DepartmentConfig; action: string },
): Promise<ConfigStored> {
  const host = config.host ?? department.host;
  const region = config.region ?? department.region;
  if (host !== department.host || region !== department.region) {
    throw conflict("host_is_fixed", "Host and region of a department change by moving it.");
  }
  const before = await readVersion(tx, department, expected);
  if (directAccess(config) !== directAccess(before.config)) {
    throw conflict(
      "direct_access_is_fixed",
      "A department gets or loses its database login when it is provisioned.",
    );
  }
  if (n8nInstance(config) !== n8nInstance(before.config))
    throw conflict("n8n_is_fixed", "A department gets its n8n when it is provisioned.");
  const limit = config.custom_config?.limits?.queries_per_minute ?? null;
  const updated = await tx`
    update federation.department set config_version = ${expected + 1}, name = ${config.department_name},
      admin_email = ${config.admin_email}, query_limit = ${limit}, query_window_seconds = ${limit && 60}, updated_at = clock_timestamp()
    where id = ${department.id} and config_version = ${expected}
      and status in ('provisioning', 'active', 'degraded', 'suspended', 'failed')`;
  if (updated.count === 0) throw conflict("version_conflict", "The definition has changed; read it again.");
  const document = { ...config, host, ...(region !== null && { region }) };
  const version = expected + 1;
  await tx`
    insert into federation.department_config (department_id, version, document, created_by)
    values (${department.id}, ${version}, ${tx.json(document as never)}, ${ctx.caller.id})`;
  const changes = changesBetween(before.config, document);
  const meta = {
    version,
    paths: changes
      .map((change) => change.path)
      .join(" ")
      .slice(0, 2000),
  };
  await appendAudit(tx, [{ ...auditActor(ctx), stream: department.id, action, decision: "done", meta }]);
  return { department_id: department.slug, version, changes };
}

const directAccess = (config: DepartmentConfig) => config.custom_config?.database?.direct_access ?? false;
const n8nInstance = (config: DepartmentConfig) => config.custom_config?.n8n?.instance ?? "shared";
