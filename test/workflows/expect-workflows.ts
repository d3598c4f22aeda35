import { expect } from "bun:test";
import type { Vault } from "../../src/crypto/vault.ts";
import type { Sql } from "../../src/db/tx.ts";
import type { N8nClient } from "../../src/providers/n8n/n8n.ts";
import { readWorkflowSecrets, type WorkflowSecrets } from "../../src/workflows/read-secrets.ts";
import { workflowKeys } from "../../src/workflows/workflow-keys.ts";
import type { FakeN8n } from "../fakes/n8n/start-fake-n8n.ts";

export interface Installed {
  sql: Sql;
  vault: Vault;
}

/** A department by what its workflows are told apart by. */
export interface Named {
  id: string;
  suffix: string;
}

const signal = () => AbortSignal.timeout(30_000);

/** Everything of the department is in n8n exactly once, published, bound to its own credentials and recorded. */
export async function expectOneOfEach(
  client: N8nClient,
  { sql }: Pick<Installed, "sql">,
  department: Named,
  tools: readonly string[],
): Promise<void> {
  const { workflows, credentials, prefix } = await findOwn(client, department);
  expect(workflows.map(({ name }) => name.slice(prefix.length)).toSorted()).toEqual(
    workflowKeys(tools).toSorted(),
  );
  expect(credentials.map(({ name }) => name.slice(prefix.length)).toSorted()).toEqual(["api", "hook", "mcp"]);
  const asleep = workflows.filter(({ active, hasUnpublishedChanges }) => !active || hasUnpublishedChanges);
  expect(asleep).toEqual([]);
  const own = new Set(credentials.map(({ id }) => id));
  const bound = workflows.flatMap(({ nodes }) =>
    nodes.flatMap((node) => Object.values(node.credentials ?? {}).map(({ id }) => id)),
  );
  expect(new Set(bound)).toEqual(own);
  const rows = await sql<{ what: string }[]>`
    select kind || ' ' || external_id as what from federation.resource
    where department_id = ${department.id} and provider = 'n8n' and deleted_at is null`;
  const there = [
    ...workflows.map(({ id }) => `workflow ${id}`),
    ...credentials.map(({ id }) => `credential ${id}`),
  ];
  expect(rows.map(({ what }) => what).toSorted()).toEqual(there.toSorted());
  const clients = await sql`
    select from federation.api_client
    where department_id = ${department.id} and name = 'n8n' and status <> 'revoked'`;
  expect(clients).toHaveLength(1);
}

/** As `expectOneOfEach`, and the fake shows that the present secrets are in it and the present paths are served. */
export async function expectMadeOnce(
  n8n: FakeN8n,
  client: N8nClient,
  at: Installed,
  department: Named,
  tools: readonly string[] = ["calendar"],
): Promise<void> {
  await expectOneOfEach(client, at, department, tools);
  const { workflows, prefix } = await findOwn(client, department);
  const secrets = await secretsOf(at, department);
  const held = [...n8n.store.credentials.values()]
    .filter(({ name }) => name.startsWith(prefix))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  expect(held.map(({ name, type, data }) => ({ name: name.slice(prefix.length), type, data }))).toEqual([
    { name: "api", type: "httpBearerAuth", data: { token: secrets.key } },
    { name: "hook", type: "httpHeaderAuth", data: { name: "x-federation-token", value: secrets.hookToken } },
    { name: "mcp", type: "httpBearerAuth", data: { token: secrets.mcpToken } },
  ]);
  const served = [...n8n.store.registered].flatMap(([key, { workflowId }]) =>
    workflows.some(({ id }) => id === workflowId) ? [String(key.split(" ")[1])] : [],
  );
  const paths = workflowKeys(tools).map((key) => `${secrets.pathPrefix}/${key}`);
  expect([...new Set(served)].toSorted()).toEqual(paths.toSorted());
}

export async function expectNothing(client: N8nClient, { sql }: Pick<Installed, "sql">, department: Named) {
  const { workflows, credentials } = await findOwn(client, department);
  expect({ workflows, credentials }).toEqual({ workflows: [], credentials: [] });
  const left = await sql`select from federation.resource
    where department_id = ${department.id} and provider = 'n8n' and deleted_at is null`;
  expect(left).toHaveLength(0);
}

/** What bears the department's name. */
export async function findOwn(client: N8nClient, { suffix }: Named) {
  const prefix = `fed/development/${suffix}/`;
  const isOwn = ({ name }: { name: string }) => name.startsWith(prefix);
  const workflows = await client.listWorkflows(signal());
  const credentials = await client.listCredentials(signal());
  return { prefix, workflows: workflows.filter(isOwn), credentials: credentials.filter(isOwn) };
}

export async function secretsOf({ sql, vault }: Installed, { id }: { id: string }): Promise<WorkflowSecrets> {
  const secrets = await readWorkflowSecrets({ sql, vault }, id);
  if (!secrets) throw new Error("the department has no secrets for its workflows");
  return secrets;
}
