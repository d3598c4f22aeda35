import { pino } from "pino";
import { Secret } from "../../src/crypto/secret.ts";
import { createWorkerDeps } from "../../src/deps.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import type { RunDepartment } from "../../src/provisioning/run.ts";
import type { JobContext } from "../../src/provisioning/worker-deps.ts";
import {
  departmentBody,
  randomSlug,
  runOf,
  submitDeprovision,
  type TestRun,
  untilRun,
} from "../crash/department.ts";
import { submitLockdown, submitUnlock } from "../crash/lock.ts";
import { holdStep } from "../helpers/hold-step.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";

export type ProvisionWorld = Awaited<ReturnType<typeof provisionWorld>>;

/** What n8n says of itself in the environment of `npm run test:n8n`. */
export function givenN8n(): { baseUrl: string; apiKey: string } {
  const { N8N_BASE_URL: baseUrl, N8N_API_KEY: apiKey } = process.env;
  if (!baseUrl || !apiKey) throw new Error("N8N_BASE_URL and N8N_API_KEY say which n8n to test.");
  return { baseUrl, apiKey };
}

/** An installation on the real n8n; what it makes there is gone when it closes. */
export async function provisionWorld(environment: Record<string, string> = {}) {
  const { baseUrl, apiKey } = givenN8n();
  const client = createN8nClient({ baseUrl, apiKey: new Secret(apiKey) });
  const at = await startInstallation({
    workers: 1,
    environment: { N8N_BASE_URL: baseUrl, N8N_API_KEY: apiKey, ...environment },
  });
  const deps = await createWorkerDeps(at.config, pino({ level: "silent" }));
  const suffixes = new Set<string>();

  return {
    at,
    client,
    baseUrl,
    async provision(tools: readonly string[], name = "Test"): Promise<TestRun> {
      const body = { ...departmentBody(randomSlug()), department_name: name, enabled_tools: tools };
      const run = runOf(await at.client.send("POST", "/provision-department", body));
      suffixes.add((await readDepartment(at, run.department)).suffix);
      await untilRun(at, run.id, "succeeded");
      return run;
    },
    async deprovision(slug: string): Promise<void> {
      const run = await submitDeprovision(at, slug);
      await untilRun(at, run.id, "succeeded");
    },
    async lockAndUnlock(slug: string): Promise<void> {
      await untilRun(at, (await submitLockdown(at, slug)).id, "succeeded");
      await untilRun(at, (await submitUnlock(at, slug)).id, "succeeded");
    },
    department: (id: string) => readDepartment(at, id),
    /** Does something as a step of the department would. */
    async asStep<T>(id: string, work: (ctx: JobContext) => Promise<T>): Promise<T> {
      const held = await holdStep(at.sql, deps, await readDepartment(at, id), "workflows");
      try {
        return await work(held);
      } finally {
        await held.release();
      }
    },
    async close() {
      await deps.close();
      await at.close();
      await removeAll(client, suffixes);
    },
  };
}

async function removeAll(client: ReturnType<typeof createN8nClient>, suffixes: ReadonlySet<string>) {
  const signal = AbortSignal.timeout(60_000);
  const isOurs = ({ name }: { name: string }) => [...suffixes].some((suffix) => name.includes(`/${suffix}/`));
  for (const { id } of (await client.listWorkflows(signal)).filter(isOurs))
    await client.deleteWorkflow(id, signal);
  for (const { id } of (await client.listCredentials(signal)).filter(isOurs))
    await client.deleteCredential(id, signal);
}

async function readDepartment({ sql }: Installation, id: string): Promise<RunDepartment> {
  const [row] = await sql<RunDepartment[]>`
    select id, slug, name, suffix, schema_name as "schemaName", role_name as "roleName", host, region, release,
      admin_email as "adminEmail", config_version as "configVersion"
    from federation.department where id = ${id}`;
  if (!row) throw new Error("there is no such department");
  return row;
}
