import type { JsonObject } from "../../src/json.ts";
import type { BenchInstallation } from "./installation.ts";

/** A small department as a user would submit it. */
const departmentNamed = (slug: string) => ({
  department_id: slug,
  department_name: `Department ${slug}`,
  admin_email: `${slug}@example.com`,
  enabled_tools: ["database"],
});

/** Submits one department and answers its run's id. */
export async function submitDepartment({ client }: BenchInstallation, slug: string): Promise<string> {
  const accepted = await client.send("POST", "/provision-department", departmentNamed(slug));
  return String(accepted["provisioning_id"]);
}

/** From the submit to the `done` event, as a user at the command line waits; throws unless it is active. */
export async function provision(
  installation: BenchInstallation,
  slug: string,
): Promise<{ seconds: number; status: JsonObject }> {
  const startedAtMs = performance.now();
  const run = await submitDepartment(installation, slug);
  for await (const { event } of installation.client.events(`/provision-status/${run}/events`)) {
    if (event === "done") break;
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  const status = await installation.client.get(`/provision-status/${run}`);
  if (status["status"] !== "active") throw new Error(`${slug}: ${JSON.stringify(status["error"])}`);
  return { seconds, status };
}
