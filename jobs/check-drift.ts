import type { ClosableWorkerDeps } from "../src/deps.ts";
import { schemaReference } from "../src/departments/schema/schema-reference.ts";
import { checkAllForDrift } from "../src/drift/check-all.ts";
import { schemaDrift } from "../src/drift/schema-drift.ts";
import { followDrift } from "./look-for-drift.ts";

/** The next cycle begins with those that were not reached by then. */
const secondsMax = 2700;

/** Looks at every active department and stores what is not as it should be; schemas are compared once for all. */
export async function checkDrift(deps: ClosableWorkerDeps): Promise<void> {
  const reference = await schemaReference();
  let schemas: ReturnType<typeof schemaDrift> | undefined;
  await checkAllForDrift(
    deps,
    () => (schemas ??= schemaDrift(deps.db.provisioner, reference)),
    AbortSignal.timeout(secondsMax * 1000),
    (departmentId, checked) => followDrift(deps, departmentId, checked),
  );
}
