// Departments on a host in memory, with the real plan and engine of an upgrade, and rollouts carried on as workers do.
import { advanceRollouts } from "../../jobs/advance-rollouts.ts";
import { upgradeDepartment } from "../../jobs/upgrade-department.ts";
import { mintApiKey } from "../../src/crypto/api-key.ts";
import { withTx } from "../../src/db/tx.ts";
import { secretPlace } from "../../src/departments/department-secret.ts";
import { createEngine } from "../../src/provisioning/engine.ts";
import { advanceRollout } from "../../src/rollouts/advance-rollout.ts";
import { createSigningKeys } from "../../src/tokens/signing-keys.ts";
import { until } from "../helpers/installation.ts";
import { type TestDepartment, testEdge } from "../http/edge.ts";
import { createMemoryHost } from "./memory-host.ts";

export type RolloutsWorld = Awaited<ReturnType<typeof rolloutsWorld>>;

const before = "agent:1";

export async function rolloutsWorld(environment: Record<string, string> = {}) {
  const edge = await testEdge({ environment: { HOSTS: "docker", AGENT_IMAGE: before, ...environment } });
  const { sql, deps } = edge;
  const { app, gateway, provisioner } = deps.db;
  if (!provisioner) throw new Error("no provisioner");
  const memory = createMemoryHost();
  const db = { app, gateway, provisioner };
  const signingKeys = createSigningKeys({ sql: app, vault: deps.vault });
  const workerDeps = { ...deps, db, signingKeys, hosts: new Map([["docker", memory.host]]) };
  const engines = new Set<ReturnType<typeof createEngine>>();
  const means = { sql: app, queue: deps.queue, config: deps.config, tracer: deps.tracer };
  const call = (method: string, path: string, body?: object) =>
    edge.call(method, `/api/v1${path}`, { key: edge.adminKey, ...(body && { body }) });

  return {
    edge,
    sql,
    memory,
    before,
    call,
    startEngine() {
      const options = { graphs: [upgradeDepartment], runsMax: 20, holdSeconds: 0, observe: () => {} };
      const engine = createEngine({ sql: app, deps: workerDeps, ...options });
      engines.add(engine);
      return { close: async () => (engines.delete(engine), engine.close()) };
    },
    /** What every worker runs. */
    startLoop: () => advanceRollouts({ ...deps, db }),
    /** One step, whether its time has come or not. */
    async step() {
      await sql`update federation.rollout set wake_at = clock_timestamp() where wake_at is not null`;
      return advanceRollout(means);
    },
    async addDepartments(count: number): Promise<TestDepartment[]> {
      const departments: TestDepartment[] = [];
      for (let made = 0; made < count; made++) {
        const department = await edge.addDepartment();
        const { id } = department;
        await sql`update federation.department set host = 'docker', release = ${before} where id = ${id}`;
        await withTx(app, (tx) => deps.vault.ensureDepartmentKey(tx, id));
        const secrets = {
          agent_key: mintApiKey("development").text.reveal(),
          agent_token: crypto.randomUUID(),
        };
        for (const [name, text] of Object.entries(secrets)) {
          const sealed = await deps.vault.seal(secretPlace(id, name as keyof typeof secrets), text);
          await sql`insert into federation.department_secret (department_id, name, sealed, created_by_step)
            values (${id}, ${name}, ${sealed}, 'test')`;
        }
        memory.running.set(id, before);
        departments.push(department);
      }
      return departments;
    },
    async addRelease(name: string, image: string | undefined = `agent:${name}`) {
      const { status, text } = await call("POST", "/releases", {
        name,
        ...(image && { agent_image: image }),
      });
      if (status !== 201) throw new Error(text);
      return name;
    },
    async start(release: string, body: object = {}): Promise<string> {
      const { status, json, text } = await call("POST", "/rollouts", { release, gate_seconds: 0, ...body });
      if (status !== 202) throw new Error(text);
      return String(json.id);
    },
    show: async (id: string) => (await call("GET", `/rollouts/${id}`)).json,
    /** Steps, as fast as they go, until the rollout has one of these statuses. */
    async carryOn(id: string, ...statuses: string[]) {
      return until(
        `the rollout is ${statuses.join(" or ")}`,
        async () => {
          await this.step();
          const [row] = await sql`select status from federation.rollout where id = ${id}`;
          return statuses.includes(String(row?.["status"])) && (await this.show(id));
        },
        120,
      );
    },
    setHealth: (departmentId: string, status: string, hoursAgo = 0) => sql`
      insert into federation.department_health (department_id, status, since)
      values (${departmentId}, ${status}, clock_timestamp() - make_interval(secs => ${hoursAgo * 3600}))
      on conflict (department_id) do update set status = excluded.status, since = excluded.since`,
    async close() {
      await Promise.all([...engines].map((engine) => engine.close()));
      await edge.close();
    },
  };
}
