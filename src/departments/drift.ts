import type { Ctx } from "../context.ts";
import { conflict } from "../errors.ts";
import { type Drift, driftOf } from "../workflows/drift.ts";
import { findN8n } from "../workflows/n8n-of.ts";
import { resolveDepartment } from "./resolve.ts";

export interface DriftView extends Drift {
  department_id: string;
}

const timeoutMs = 60_000;

/**
 * What in n8n is not as the department's definition says, now. Throws 409 `n8n_not_configured` and `deprovisioned`, and
 * 503 when n8n does not answer.
 */
export async function showDrift(ctx: Ctx, idOrSlug: string): Promise<DriftView> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const { n8n: client, config, db, vault } = ctx;
  const n8n = await findN8n({ sql: db.app, vault, config, n8n: client }, department.id);
  if (!n8n) throw conflict("n8n_not_configured", "n8n is not configured here.");
  if (department.status === "deprovisioned")
    throw conflict("deprovisioned", "The department is gone, and its workflows with it.");
  const source = {
    n8n,
    sql: db.app,
    vault,
    environment: config.environment,
    signal: AbortSignal.timeout(timeoutMs),
  };
  return { department_id: department.slug, ...(await driftOf(source, department)) };
}
