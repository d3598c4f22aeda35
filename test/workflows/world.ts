// Departments over a fake n8n and a database of their own, with the steps that make and remove workflows.
import { removeWorkflows } from "../../jobs/steps/remove-workflows.ts";
import { withTx } from "../../src/db/tx.ts";
import { revokeCredentials } from "../../src/departments/revoke-credentials.ts";
import { FederationError } from "../../src/errors.ts";
import type { N8nClient } from "../../src/providers/n8n/n8n.ts";
import { createSigningKeys } from "../../src/tokens/signing-keys.ts";
import { ensureWorkflows } from "../../src/workflows/ensure-workflows.ts";
import { n8nOf } from "../../src/workflows/n8n-of.ts";
import { type FakeN8nOptions, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { holdStep } from "../helpers/hold-step.ts";
import { expectMadeOnce, expectNothing } from "./expect-workflows.ts";
import { type TestDepartment, testEdge } from "../http/edge.ts";

export type WorkflowsWorld = Awaited<ReturnType<typeof workflowsWorld>>;
export interface Department extends TestDepartment {
  suffix: string;
}

/** Long enough for the fake to register, short enough to see it fail. */
const patienceMs = 400;

export async function workflowsWorld(options: FakeN8nOptions = {}) {
  const n8n = await startFakeN8n({ registrationMs: 5, ...options });
  const edge = await testEdge({ environment: { N8N_BASE_URL: n8n.baseUrl, N8N_API_KEY: n8n.apiKey } });
  const { sql, deps } = edge;
  const { app, gateway, provisioner } = deps.db;
  if (!provisioner) throw new Error("no provisioner");
  const db = { app, gateway, provisioner };
  const signingKeys = createSigningKeys({ sql: app, vault: deps.vault });

  const at = { sql, vault: deps.vault };

  /** One that keeps no connection: on a kept one Bun itself repeats what is idempotent, and no answer would be lost. */
  const newClient = () =>
    createN8nClient({
      baseUrl: n8n.baseUrl,
      apiKey: new Secret(n8n.apiKey),
      fetch: (url, init) => fetch(url, { ...init, keepalive: false }),
    });
  const client = newClient();

  const hold = (department: Department, step: string, more: { n8n?: N8nClient | undefined } = {}) =>
    holdStep(
      sql,
      { ...deps, ...more, db, signingKeys, hosts: new Map() },
      {
        ...department,
        name: "Test",
        adminEmail: "a@example.org",
        host: "local",
        region: null,
        release: "1",
        configVersion: 1,
      },
      step,
    );
  const setTools = (department: Department, tools: readonly string[]) => sql`
    update federation.department_config set document = document || ${sql.json({ enabled_tools: [...tools] })}
    where department_id = ${department.id}`;

  return {
    n8n,
    edge,
    at,
    client,
    newClient,
    hold,
    setTools,
    async addDepartment(tools: readonly string[] = ["calendar"]): Promise<Department> {
      const added = await edge.addDepartment();
      const department = { ...added, suffix: added.schemaName.slice(2) };
      await withTx(app, (tx) => deps.vault.ensureDepartmentKey(tx, department.id));
      await setTools(department, tools);
      return department;
    },
    /** What the step does, with less patience. */
    async ensure(department: Department, other?: N8nClient) {
      const ctx = await hold(department, "workflows", other && { n8n: other });
      const access = await n8nOf(ctx);
      if (!access) throw new Error("n8n is not configured");
      return ensureWorkflows(ctx, access, { patienceMs });
    },
    remove: async (department: Department, other?: N8nClient) =>
      removeWorkflows.run(await hold(department, "remove-workflows", other && { n8n: other })),
    /** What a lockdown does to the secrets. */
    revoke: (department: Department) => withTx(app, (tx) => revokeCredentials(tx, department.id)),
    expectMadeOnce: (department: Department, tools?: readonly string[]) =>
      expectMadeOnce(n8n, client, at, department, tools),
    expectNothing: (department: Department) => expectNothing(client, at, department),
    /** Calls of the API that may have changed something, from the n-th on. */
    writes: (from = 0) => n8n.calls.slice(from).filter((call) => !call.startsWith("GET ")),
    async close() {
      await edge.close();
      await n8n.close();
    },
  };
}

/** The error's code; "none" when there was none. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    if (error instanceof FederationError) return error.code;
    throw error;
  }
}
