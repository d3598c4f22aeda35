import { type ClosableWorkerDeps, systemContext } from "../src/deps.ts";
import { lapseGrants as lapse } from "../src/grants/lapse.ts";

/** Ends requests for grants that nobody answered in 30 days. */
export async function lapseGrants(deps: ClosableWorkerDeps): Promise<void> {
  const lapsed = await lapse(systemContext(deps, "lapse-grants"));
  if (lapsed > 0) deps.log.info({ lapsed }, "requests for grants lapsed");
}
