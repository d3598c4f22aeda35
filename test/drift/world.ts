// Departments over a fake n8n and a host that says what a test wants, in a database of their own.
import { secretPlace } from "../../src/departments/department-secret.ts";
import { checkDepartment } from "../../src/drift/check-department.ts";
import type { DriftMeans } from "../../src/drift/look-for-drift.ts";
import { schemaDrift } from "../../src/drift/schema-drift.ts";
import { schemaReference } from "../../src/departments/schema/schema-reference.ts";
import type { AgentSpec, Host, HostChange } from "../../src/providers/hosts/host.ts";
import { type Department, type WorkflowsWorld, workflowsWorld } from "../workflows/world.ts";

export type DriftWorld = Awaited<ReturnType<typeof driftWorld>>;

export async function driftWorld() {
  const world = await workflowsWorld();
  const { edge } = world;
  const host = stubHost();
  const means = meansOf(world, host.host);

  return {
    ...world,
    means,
    /** What the host answers about drift; throws what is an error. */
    host,
    async addDepartment(tools?: readonly string[]): Promise<Department> {
      const department = await world.addDepartment(tools);
      await addAgentSecrets(world, department);
      return department;
    },
    /** One with its workflows. */
    async made(tools?: readonly string[]): Promise<Department> {
      const department = await this.addDepartment(tools);
      await world.ensure(department);
      return department;
    },
    /** One look, as a worker makes it, once no run is at work any more. */
    async check(department: Department) {
      await edge.sql`delete from federation.run where department_id = ${department.id}`;
      return await checkNow(means, department.id);
    },
    checkMeanwhile: (department: Department) => checkNow(means, department.id),
    async report(department: Department) {
      const path = `/api/v1/departments/${department.slug}/drift`;
      const { status, json } = await edge.call("GET", path, { key: edge.adminKey });
      if (status !== 200) throw new Error(JSON.stringify(json));
      return json;
    },
    /** Audit actions and webhook events of the department about drift, oldest first. */
    async told(department: Department) {
      const audit = await edge.sql<{ action: string }[]>`
        select action from audit.event where stream = ${department.id}
          and action in ('department.drift', 'department.in_sync') order by seq`;
      const events = await edge.sql<{ type: string }[]>`
        select type from federation.webhook_event where department_id = ${department.id} order by id`;
      return { audit: audit.map(({ action }) => action), events: events.map(({ type }) => type) };
    },
  };
}

async function checkNow(means: DriftMeans, departmentId: string) {
  const schemas = async () => schemaDrift(means.db.provisioner, await schemaReference());
  return checkDepartment(means, departmentId, schemas, AbortSignal.timeout(20_000));
}

function meansOf({ edge }: Pick<WorkflowsWorld, "edge">, host: Host): DriftMeans {
  const { db, vault, config, log, n8n, tracer } = edge.deps;
  if (!db.provisioner) throw new Error("no provisioner");
  return {
    db: { app: db.app, provisioner: db.provisioner },
    vault,
    config,
    log,
    n8n,
    tracer,
    hosts: new Map([["local", host]]),
  };
}

/** Only its drift is asked for. */
function stubHost() {
  const answers = new Map<string, HostChange[] | Error>();
  const works = new Map<string, () => Promise<HostChange[]>>();
  const specs: AgentSpec[] = [];
  const refuse = () => Promise.reject(new Error("not asked for here"));
  const host: Host = {
    name: "local",
    ensureProject: refuse,
    ensureService: refuse,
    setVariables: refuse,
    deploy: refuse,
    health: refuse,
    stop: refuse,
    destroy: refuse,
    inspect: refuse,
    listOwned: refuse,
    drift(spec) {
      specs.push(spec);
      const work = works.get(spec.departmentId);
      if (work) return work();
      const answer = answers.get(spec.departmentId) ?? [];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  const during = (departmentId: string, work: () => Promise<HostChange[]>) =>
    void works.set(departmentId, work);
  return { host, answers, specs, during };
}

/** What the agent's environment is made of. */
async function addAgentSecrets({ edge, at }: WorkflowsWorld, { id, key }: Department): Promise<void> {
  const values = { agent_key: key, agent_token: `canary-token-${id}` } as const;
  for (const name of ["agent_key", "agent_token"] as const) {
    const sealed = await at.vault.seal(secretPlace(id, name), values[name]);
    await edge.sql`insert into federation.department_secret (department_id, name, sealed, created_by_step)
      values (${id}, ${name}, ${sealed}, 'test')`;
  }
}
