import { ApiError, type Client } from "../client/client.ts";
import { createProgressView } from "../cli/progress-view.ts";
import { FederationError } from "../errors.ts";
import { asDepartment } from "./as-department.ts";
import { type Example, loadData, readExamples } from "./load-examples.ts";
import { showGrant } from "./show-grant.ts";

/** Brings the example departments to life, all at once, then asks across a department's wall, without a grant and with one. */
export async function showExamples(
  client: Client,
  url: string,
  directory: string,
  say: (line: string) => void,
): Promise<void> {
  const examples = await readExamples(directory);
  await Promise.all(examples.map((example) => bringUp(client, url, example, say)));
  await showGrant(client, url, say);
}

async function bringUp(
  client: Client,
  url: string,
  example: Example,
  say: (line: string) => void,
): Promise<void> {
  const { department_id: slug } = example.department;
  const load = () =>
    asDepartment(client, url, { slug, scopes: ["data:write"] }, (own) => loadData(own, example));
  if (await isActive(client, slug)) {
    await load();
    return say(`${slug}: active`);
  }
  const startedAtMs = performance.now();
  const accepted = await client.send("POST", "/provision-department", example.department);
  const view = createProgressView(slug.padEnd(12), false);
  const run = String(accepted["provisioning_id"]);
  for await (const event of client.events(`/provision-status/${run}/events`)) {
    view.show(event.event, event.data);
    if (event.event === "done") break;
  }
  const end = await client.get(`/provision-status/${run}`);
  if (end["status"] !== "active")
    throw new FederationError("example_failed", `${slug}: ${JSON.stringify(end["error"])}`);
  await load();
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(2);
  say(
    `${slug}: active after ${seconds} s with ${example.documents.length} documents, ${example.contacts.length} contacts`,
  );
}

async function isActive(client: Client, slug: string): Promise<boolean> {
  try {
    const department = await client.get(`/departments/${slug}`);
    return department["status"] === "active";
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
