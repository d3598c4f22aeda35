import { expect } from "bun:test";
import { workflowKeys } from "../../src/workflows/workflow-keys.ts";
import type { TestDepartment } from "../http/edge.ts";
import { suffixOf, type WorkflowsWorld } from "./world.ts";

/** Everything of the department is in n8n exactly once, filled with its present secrets, published, bound and recorded. */
export async function expectMadeOnce(
  world: WorkflowsWorld,
  department: TestDepartment,
  tools: readonly string[] = ["calendar"],
): Promise<void> {
  const { store } = world.n8n;
  const prefix = `fed/development/${suffixOf(department)}/`;
  const { workflows, credentials } = inN8n(world, department);
  expect(workflows.map(({ name }) => name.slice(prefix.length)).toSorted()).toEqual(
    workflowKeys(tools).toSorted(),
  );
  const secrets = await world.secrets(department);
  expect(
    new Map(credentials.map(({ name, type, data }) => [name.slice(prefix.length), { type, data }])),
  ).toEqual(
    new Map<string, { type: string; data: Record<string, unknown> }>([
      ["api", { type: "httpBearerAuth", data: { token: secrets.key } }],
      ["hook", { type: "httpHeaderAuth", data: { name: "x-federation-token", value: secrets.hookToken } }],
      ["mcp", { type: "httpBearerAuth", data: { token: secrets.mcpToken } }],
    ]),
  );
  const own = new Set(credentials.map(({ id }) => id));
  const bound = workflows.flatMap(({ nodes }) =>
    nodes.flatMap((node) => Object.values(node.credentials ?? {}).map(({ id }) => id)),
  );
  expect(bound.filter((id) => !own.has(id))).toEqual([]);
  const served = [...store.registered].filter(([, { workflowId }]) =>
    workflows.some(({ id }) => id === workflowId),
  );
  const paths = new Set(served.map(([key]) => key.split(" ")[1]));
  expect([...paths].toSorted()).toEqual(
    workflowKeys(tools)
      .map((key) => `${secrets.pathPrefix}/${key}`)
      .toSorted(),
  );
  const rows = await world.edge.sql<{ what: string }[]>`
    select kind || ' ' || external_id as what from federation.resource
    where department_id = ${department.id} and provider = 'n8n' and deleted_at is null`;
  const there = [
    ...workflows.map(({ id }) => `workflow ${id}`),
    ...credentials.map(({ id }) => `credential ${id}`),
  ];
  expect(rows.map(({ what }) => what).toSorted()).toEqual(there.toSorted());
  const clients = await world.edge.sql`
    select status from federation.api_client
    where department_id = ${department.id} and name = 'n8n' and status <> 'revoked'`;
  expect(clients.map(({ status }) => String(status))).toEqual(["pending"]);
}

/** What bears the department's name. */
export function inN8n({ n8n }: WorkflowsWorld, department: TestDepartment) {
  const isOwn = ({ name }: { name: string }) => name.startsWith(`fed/development/${suffixOf(department)}/`);
  return {
    workflows: [...n8n.store.workflows.values()].filter(isOwn),
    credentials: [...n8n.store.credentials.values()].filter(isOwn),
  };
}
