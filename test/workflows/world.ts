// Departments over a fake n8n and a database of their own, with the steps that make and remove workflows.
import { removeWorkflows } from "../../jobs/steps/remove-workflows.ts";
import { withTx, type Sql, type Tx } from "../../src/db/tx.ts";
import { revokeCredentials } from "../../src/departments/revoke-credentials.ts";
import { FederationError } from "../../src/errors.ts";
import type { N8nClient } from "../../src/providers/n8n/n8n.ts";
import type { JobContext } from "../../src/provisioning/worker-deps.ts";
import { createSigningKeys } from "../../src/tokens/signing-keys.ts";
import { ensureWorkflows } from "../../src/workflows/ensure-workflows.ts";
import { n8nOf } from "../../src/workflows/n8n-of.ts";
import { readWorkflowSecrets, type WorkflowSecrets } from "../../src/workflows/read-secrets.ts";
import { type FakeN8nOptions, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";
import { type TestDepartment, testEdge } from "../http/edge.ts";

export type WorkflowsWorld = Awaited<ReturnType<typeof workflowsWorld>>;
export type HeldStep = JobContext & { lose(): Promise<void> };

/** Long enough for the fake to register, short enough to see it fail. */
const patienceMs = 400;

export async function workflowsWorld(options: FakeN8nOptions = {}) {
  const n8n = await startFakeN8n({ registrationMs: 5, ...options });
  const edge = await testEdge({
    environment: { N8N_BASE_URL: n8n.baseUrl, N8N_API_KEY: n8n.apiKey },
  });
  const { sql, deps } = edge;
  const { app, gateway, provisioner } = deps.db;
  if (!provisioner) throw new Error("no provisioner");
  const signingKeys = createSigningKeys({ sql: app, vault: deps.vault });

  /** A step's context over a run that this test holds; after `lose` another worker has it. */
  async function hold(
    department: TestDepartment,
    step: string,
    more: { n8n?: N8nClient | undefined } = {},
  ): Promise<HeldStep> {
    const [id, requestId] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
    await sql`delete from federation.run where department_id = ${department.id}`;
    await sql`insert into federation.run (id, department_id, kind, status, epoch, lease_owner, lease_until, input_hash,
        requested_by, request_id)
      values (${id}, ${department.id}, 'provision', 'running', 1, 'test', now() + interval '1 hour', '', 'test', ${requestId})`;
    await sql`insert into federation.step (run_id, name, position, status, attempt, started_at)
      values (${id}, ${step}, 1, 'running', 1, now())`;
    const fence = async (tx: Sql | Tx = app) =>
      void (await tx`select federation.fence(${id}, 1, ${step}, 1)`);
    return {
      deps: {
        ...deps,
        ...more,
        db: { app, gateway, provisioner: provisioner as Sql },
        signingKeys,
        hosts: new Map(),
      },
      run: {
        id,
        kind: "provision",
        epoch: 1,
        owner: "test",
        status: "running",
        cancelRequested: false,
        input: {},
        requestedBy: "test",
        requestId,
        department: {
          ...department,
          suffix: suffixOf(department),
          name: "Test",
          host: "local",
          region: null,
          release: "1",
          adminEmail: "a@example.org",
          configVersion: 1,
        },
      },
      step,
      attempt: 1,
      idempotencyKey: `${id}:${step}`,
      signal: new AbortController().signal,
      fence,
      output: () => undefined,
      lose: async () => void (await sql`update federation.run set epoch = 2 where id = ${id}`),
    };
  }

  return {
    n8n,
    edge,
    hold,
    async addDepartment(tools: readonly string[] = ["calendar"]): Promise<TestDepartment> {
      const department = await edge.addDepartment();
      await withTx(app, (tx) => deps.vault.ensureDepartmentKey(tx, department.id));
      await this.setTools(department, tools);
      return department;
    },
    setTools: (department: TestDepartment, tools: readonly string[]) => sql`
      update federation.department_config set document = document || ${sql.json({ enabled_tools: [...tools] })}
      where department_id = ${department.id}`,
    /** What the step does, with less patience. */
    async ensure(department: TestDepartment, client?: N8nClient) {
      const ctx = await hold(department, "workflows", client && { n8n: client });
      const access = await n8nOf(ctx);
      if (!access) throw new Error("n8n is not configured");
      return ensureWorkflows(ctx, access, { patienceMs });
    },
    remove: async (department: TestDepartment, client?: N8nClient) =>
      removeWorkflows.run(await hold(department, "remove-workflows", client && { n8n: client })),
    /** What a lockdown and the unlock after it do to the secrets. */
    revoke: (department: TestDepartment) => withTx(app, (tx) => revokeCredentials(tx, department.id)),
    async secrets({ id }: TestDepartment): Promise<WorkflowSecrets> {
      const secrets = await readWorkflowSecrets({ sql: app, vault: deps.vault }, id);
      if (!secrets) throw new Error("the department has no secrets for its workflows");
      return secrets;
    },
    /** Calls of the API that may have changed something, from the n-th on. */
    writes: (from = 0) => n8n.calls.slice(from).filter((call) => !call.startsWith("GET ")),
    async close() {
      await edge.close();
      await n8n.close();
    },
  };
}

export const suffixOf = (department: TestDepartment) => department.schemaName.slice(2);

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
