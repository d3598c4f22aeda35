import { expect } from "bun:test";
import { type AnsweredServices, answerServices } from "../fakes/docker/answer-services.ts";
import { type FakeEngine, startFakeEngine } from "../fakes/docker/start-fake-engine.ts";
import { liveTasksOf, thingsOf } from "../fakes/docker/things-of.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";
import { runOf, type TestRun, untilRun } from "./department.ts";
import { auditedActions } from "./expect-department.ts";
import { agentPids } from "./processes.ts";

export interface MoveWorld {
  at: Installation;
  engine: FakeEngine;
  services: AnsweredServices;
  close(): Promise<void>;
}

export type HostName = "local" | "docker";

export interface MoveWorldOptions {
  workers?: number;
  /** Whose name says how its containers behave. */
  image?: string;
  /** Where workers find the engine; the engine itself unless given. */
  dockerHost?(engineHost: string): Promise<string>;
}

/** An installation whose departments live on this machine, or on a Docker engine whose agents answer too. */
export async function startMoveWorld(options: MoveWorldOptions = {}): Promise<MoveWorld> {
  const engine = await startFakeEngine();
  const services = answerServices(engine);
  const close = async () => {
    await services.close();
    await engine.close();
  };
  try {
    const at = await startInstallation({
      workers: options.workers ?? 2,
      environment: {
        HOSTS: "local,docker",
        DOCKER_HOST: (await options.dockerHost?.(engine.host)) ?? engine.host,
        AGENT_IMAGE: options.image ?? "agent:1",
        ...services.environment,
      },
    });
    return {
      at,
      engine,
      services,
      async close() {
        try {
          await at.close();
        } finally {
          await close();
        }
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export async function submitMove({ client }: Installation, slug: string, to: HostName): Promise<TestRun> {
  return runOf(await client.send("POST", `/departments/${slug}/move`, { to }));
}

/** Moves it and answers how that ended. */
export async function moveTo({ at }: MoveWorld, { slug }: TestRun, to: HostName): Promise<string> {
  const { id } = await submitMove(at, slug, to);
  return (await untilRun(at, id, ...ends)).status;
}

export const ends = ["succeeded", "failed", "rolled_back", "cancelled"];

/** The worker that comes by the point is stopped there while `then` does something. */
export async function whileHeldAt<T>(
  { at }: MoveWorld,
  point: string,
  submit: () => Promise<TestRun>,
  then: (run: TestRun) => Promise<T>,
): Promise<{ run: TestRun; answer: T }> {
  at.arm(point, "SIGSTOP");
  const run = await submit();
  const { pid } = await at.fired(point);
  const answer = await then(run);
  at.child(pid)?.kill("SIGCONT");
  return { run, answer };
}

/** The department is active and answers, lives on this host alone, and everything says so. */
export async function expectOnlyAt(
  { at, engine }: MoveWorld,
  { department, slug }: TestRun,
  host: HostName,
): Promise<void> {
  const [row] = await at.sql`
    select status, host, release, agent_url as url, c.document->>'host' as "documentHost",
      (select array_agg(provider || ' ' || kind order by kind) from federation.resource
        where department_id = d.id and provider in ('local', 'docker') and deleted_at is null) as resources,
      (select count(*)::int from federation.local_agent where department_id = d.id) as agents
    from federation.department d join federation.department_config c
      on c.department_id = d.id and c.version = d.config_version where id = ${department}`;
  const isLocal = host === "local";
  expect(row).toMatchObject({ status: "active", host, documentHost: host, agents: isLocal ? 1 : 0 });
  expect(row?.["release"]).toBe(isLocal ? "agent-1" : "agent:1");
  expect(row?.["url"]).toMatch(isLocal ? /^http:\/\/127\.0\.0\.1:\d+$/ : /^http:\/\/aio-.*:8080$/);
  expect(row?.["resources"]).toEqual(
    isLocal
      ? ["local local_agent", "local local_project"]
      : ["docker docker_network", "docker docker_service"],
  );
  expect(thingsOf(engine, department)).toEqual(isLocal ? [] : ["network", "secret", "service"]);
  await until("only that one's agent runs", () => {
    const running = [agentPids(department)?.length ?? (isLocal ? 1 : 0), liveTasksOf(engine, department)];
    return Promise.resolve(Bun.deepEquals(running, isLocal ? [1, 0] : [0, 1]));
  });
  const health = await at.client.get(`/departments/${slug}/health`);
  expect(health["checks"]).toMatchObject({ agent: { status: "ready" } });
  await auditedActions(at, department);
}

/** Nothing of the department runs anywhere. */
export async function expectNothingRuns({ engine }: MoveWorld, { department }: TestRun): Promise<void> {
  await until("nothing of it runs", () =>
    Promise.resolve((agentPids(department) ?? []).length === 0 && liveTasksOf(engine, department) === 0),
  );
}
