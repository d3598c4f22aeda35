import { setTimeout as sleep } from "node:timers/promises";
import { WaitError } from "../../../../src/errors.ts";
import type { AgentSpec, Host, HostCall } from "../../../../src/providers/hosts/host.ts";
import type { RailwayHostOptions } from "../../../../src/providers/hosts/railway/context.ts";
import { createRailwayHost, type RailwayHost } from "../../../../src/providers/hosts/railway/host.ts";
import { RailwayError } from "../../../../src/providers/railway/railway-error.ts";
import type { FakeRailwayOptions } from "../../../fakes/railway/settings.ts";
import { errorOf, fastPace, railwayWorld } from "../../railway/railway-world.ts";

export type RailwayHostWorld = Awaited<ReturnType<typeof openRailwayHostWorld>>;

export const environment = "staging";

/** A host on a fake Railway whose time passes fast, with departments in a database of its own. */
export async function openRailwayHostWorld(options: FakeRailwayOptions = {}) {
  const world = await railwayWorld({ lagSeconds: [1, 4], deploySeconds: [10, 20], ...options });
  const { sql, fake } = world;
  const hostWith = (more: Partial<RailwayHostOptions> = {}): RailwayHost => {
    const pace = more.pace ?? fastPace();
    return createRailwayHost({
      client: world.connect({ pace }),
      sql,
      environment,
      pace,
      domains: "none",
      deletes: "now",
      ...more,
    });
  };
  return {
    ...world,
    controls: fake.controls,
    hostWith,
    /** Waits as long as it is told to, as the engine does. */
    host: patient(hostWith()),
    async makeSpec(changes: Partial<AgentSpec> = {}): Promise<AgentSpec> {
      const spec = agentSpec(changes);
      await sql`insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
        values (${spec.departmentId}, ${spec.slug}, 'Sales', 'provisioning', ${randomSuffix()}, 'railway', 'r1',
          'ada@example.com')`;
      return spec;
    },
    /** Live projects with the department's mark. */
    projectsOf: ({ departmentId }: Pick<AgentSpec, "departmentId">) =>
      fake.controls.projects().filter(({ description }) => description?.includes(departmentId)),
    /** Of its first project, oldest first. */
    deploymentsOf(spec: Pick<AgentSpec, "departmentId">) {
      const [project] = this.projectsOf(spec);
      return project ? fake.controls.deploymentsOf(project.id) : [];
    },
    servicesOf(spec: Pick<AgentSpec, "departmentId">) {
      const ids = new Set(this.projectsOf(spec).map(({ id }) => id));
      return [...fake.controls.world.services.values()].filter(({ projectId }) => ids.has(projectId));
    },
    /** Past the API, without a deployment. */
    changeByHand(spec: Pick<AgentSpec, "departmentId">, name: string, value: string) {
      const [service] = this.servicesOf(spec);
      const { variables } = fake.controls.world;
      for (const [at, present] of variables)
        if (at.startsWith(`${service?.id} `)) variables.set(at, { ...present, [name]: value });
    },
    running(departmentId: string) {
      const found = this.deploymentsOf({ departmentId }).find(({ status }) => status === "SUCCESS");
      return found && { instance: `${found.id} ${found.since}`, release: found.variables["RELEASE"] ?? "" };
    },
  };
}

/** The same host, whose calls are made again as the engine does: when a WaitError says so, and after what may be retried. */
export function patient<H extends Host>(host: H): H {
  return new Proxy(host, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => again(() => Reflect.apply(value, target, args) as Promise<unknown>);
    },
  });
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let failures = 0; ;) {
    try {
      return await work();
    } catch (error) {
      const isWait = error instanceof WaitError;
      failures += isWait ? 0 : 1;
      if (!isWait && !(error instanceof RailwayError && error.retryable && failures < 5)) throw error;
      await sleep(isWait ? error.wait.seconds * 1000 : 10);
    }
  }
}

/** The WaitError that a call ends with. */
export async function waitOf(work: Promise<unknown>): Promise<WaitError> {
  const error = await errorOf(work);
  if (error instanceof WaitError) return error;
  throw error;
}

/** Project, service, variables, deployment: as the steps of a provisioning do it. */
export async function provision(
  host: Host,
  spec: AgentSpec,
  at: HostCall = call(),
): Promise<{ url: string }> {
  await host.ensureProject(spec, at);
  await host.ensureService(spec, at);
  await host.setVariables(spec, at);
  return await host.deploy(spec, at);
}

export function agentSpec(changes: Partial<AgentSpec> = {}): AgentSpec {
  const departmentId = Bun.randomUUIDv7();
  return {
    departmentId,
    slug: `d-${departmentId}`,
    release: "agent:r1",
    variables: { RELEASE: "agent:r1", DEPARTMENT_ID: departmentId, AGENT_TOKEN: "of the agent" },
    secretNames: ["AGENT_TOKEN"],
    limits: { cpus: 0.5, memoryMb: 512, replicas: 1 },
    ...changes,
  };
}

export const inRelease = (spec: AgentSpec, release: string): AgentSpec => ({
  ...spec,
  release,
  variables: { ...spec.variables, RELEASE: release },
});

export const call = (changes: Partial<HostCall> = {}): HostCall => ({
  idempotencyKey: Bun.randomUUIDv7(),
  signal: new AbortController().signal,
  fence: () => Promise.resolve(),
  ...changes,
});

const randomSuffix = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => letters[byte % 32]).join("");
const letters = "abcdefghijklmnopqrstuvwxyz234567";
