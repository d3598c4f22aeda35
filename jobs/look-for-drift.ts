import type { PgBoss } from "pg-boss";
import { z } from "zod";
import { type ClosableWorkerDeps, systemContext } from "../src/deps.ts";
import { schemaReference } from "../src/departments/schema/schema-reference.ts";
import { type Checked, checkDepartment } from "../src/drift/check-department.ts";
import { repairByPolicy } from "../src/drift/repair-by-policy.ts";
import { schemaDrift } from "../src/drift/schema-drift.ts";

const payload = z.object({ department_id: z.uuid() });
const secondsMax = 240;

/** Looks at the departments that somebody asks about, as soon as they are asked about. */
export async function lookForDriftOnRequest(boss: PgBoss, deps: ClosableWorkerDeps): Promise<void> {
  const options = { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 2 };
  await boss.work("look-for-drift", options, async (jobs) => {
    for (const { data } of jobs) await lookAt(deps, payload.parse(data).department_id);
  });
}

async function lookAt(deps: ClosableWorkerDeps, departmentId: string): Promise<void> {
  const schemas = async () => schemaDrift(deps.db.provisioner, await schemaReference());
  const signal = AbortSignal.timeout(secondsMax * 1000);
  const checked = await checkDepartment(deps, departmentId, schemas, signal);
  if (checked) await followDrift(deps, departmentId, checked);
}

/** Repairs what has drifted where the department's definition wants that; a run at work meanwhile is no failure. */
export async function followDrift(
  deps: ClosableWorkerDeps,
  departmentId: string,
  { slug, inSync }: Checked,
): Promise<void> {
  if (inSync !== false) return;
  try {
    const repairs = await repairByPolicy(systemContext(deps, "check-drift"), departmentId);
    deps.log.warn({ department: slug, repairs }, "the department has drifted");
  } catch (err) {
    deps.log.warn({ err, department: slug }, "could not begin the repair");
  }
}
