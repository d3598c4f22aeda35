import { afterEach, beforeEach, expect, test } from "bun:test";
import { FederationError } from "../../../../src/errors.ts";
import type { DockerHost } from "../../../../src/providers/hosts/docker/host.ts";
import type { AgentSpec } from "../../../../src/providers/hosts/host.ts";
import { agentSpec, call, openDockerWorld } from "./world.ts";

let world: Awaited<ReturnType<typeof openDockerWorld>>;
beforeEach(async () => {
  world = await openDockerWorld();
});
afterEach(() => world.close());

const signal = new AbortController().signal;

async function provision(spec: AgentSpec, host: DockerHost = world.host) {
  await host.ensureProject(spec, call());
  await host.ensureService(spec, call());
  await host.setVariables(spec, call());
  return await host.deploy(spec, call());
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof FederationError ? error : undefined),
  );
const effectsOn = (beginning: string) => world.fake.effects.filter((effect) => effect.startsWith(beginning));
const serviceOf = ({ departmentId }: AgentSpec) =>
  [...world.fake.swarm.services.values()].find(
    ({ Spec }) => Spec.Labels["federation.department"] === departmentId,
  );
const secretsOf = ({ departmentId }: AgentSpec) =>
  [...world.fake.secrets.values()].filter(
    ({ Spec }) => Spec.Labels["federation.department"] === departmentId,
  );
const contentOf = (secret: { Spec: { Data: string } } | undefined): unknown =>
  JSON.parse(Buffer.from(secret?.Spec.Data ?? "", "base64").toString());

test("provisioning makes one network, one service, one secret, and updates the service once", async () => {
  const spec = agentSpec();
  const { url } = await provision(spec);
  expect(url).toBe(`http://${serviceOf(spec)?.Spec.Name}:8080`);
  expect(effectsOn("POST").map((effect) => effect.replace(/[0-9a-f]{20,}/, "<id>"))).toEqual([
    "POST /networks/create",
    "POST /networks/<id>/connect",
    "POST /services/create",
    "POST /secrets/create",
    "POST /services/<id>/update",
  ]);
});

test("secret variables are in the secret's file and nowhere in the service", async () => {
  const spec = agentSpec();
  await provision(spec);
  expect(JSON.stringify(serviceOf(spec))).not.toContain("of the agent");
  expect(secretsOf(spec).map(contentOf)).toEqual([{ AGENT_TOKEN: "of the agent" }]);
  const [replica] = world.running(spec.departmentId);
  expect(replica?.environment).toContain("SECRETS_FILE=/run/secrets/agent.json");
});

test("other secrets reach the agent with its deploy, and the old ones are gone then", async () => {
  const spec = agentSpec();
  await provision(spec);
  const before = world.running(spec.departmentId);
  const next = { ...spec, variables: { ...spec.variables, AGENT_TOKEN: "a new one" } };
  await world.host.setVariables(next, call());
  expect(world.running(spec.departmentId)).toEqual(before);
  await world.host.deploy(next, call());
  expect(secretsOf(spec).map(contentOf)).toEqual([{ AGENT_TOKEN: "a new one" }]);
  expect(world.running(spec.departmentId)).not.toEqual(before);
});

test("an agent that fails is taken back by the engine, the deploy fails for good, and the old one runs on", async () => {
  const spec = agentSpec();
  await provision(spec);
  const before = world.running(spec.departmentId);
  const broken = world.hostWith({ imageOf: () => "broken:1" });
  const error = await failure(broken.deploy({ ...spec, release: "r2" }, call()));
  expect(error).toMatchObject({ code: "agent_rolled_back", retryable: false });
  expect(error?.message).not.toContain("exit");
  expect(String(error?.cause)).toContain("task: non-zero exit (1)");
  expect(world.running(spec.departmentId)).toEqual(before);
  expect((await world.host.health(spec.departmentId, signal)).status).toBe("ready");
});

test("after a rollback the previous release deploys without an update", async () => {
  const spec = agentSpec();
  await provision(spec);
  await failure(world.hostWith({ imageOf: () => "broken:1" }).deploy(spec, call()));
  const updates = effectsOn("POST /services").length;
  await world.host.deploy(spec, call());
  expect(effectsOn("POST /services")).toHaveLength(updates);
});

test("a first agent that cannot start is given up before the time is up, with the reason kept private", async () => {
  const spec = agentSpec();
  const error = await failure(
    provision(spec, world.hostWith({ imageOf: () => "missing:1", waitSeconds: 3600 })),
  );
  expect(error).toMatchObject({ code: "agent_not_started", retryable: true });
  expect(error?.message).not.toContain("missing:1");
  expect(String(error?.cause)).toContain("No such image: missing:1");
  expect((await world.host.health(spec.departmentId, signal)).status).toBe("absent");
  await world.host.deploy(spec, call());
  expect(world.running(spec.departmentId)).toHaveLength(1);
});

test("an agent that fails while the engine tries again is unhealthy, with the engine's words", async () => {
  const spec = agentSpec({ limits: { cpus: 0.5, memoryMb: 256, replicas: 1 } });
  await provision(spec);
  const [replica] = world.running(spec.departmentId);
  world.fake.swarm.kill(world.fake.swarm.tasks().find(({ ID }) => ID === replica?.instance)!);
  const health = await world.host.health(spec.departmentId, signal);
  expect(health).toEqual({ status: "unhealthy", detail: "task: non-zero exit (137)" });
});

test("an agent that does not become healthy is waited for only so long", async () => {
  const error = await failure(
    provision(agentSpec(), world.hostWith({ imageOf: () => "slow:1", waitSeconds: 0.05 })),
  );
  expect(error).toMatchObject({ code: "agent_not_started", retryable: true });
});

test.each(["POST /networks/create", "POST /services/create", "POST /secrets/create", "POST /services/"])(
  "%s whose answer was lost is found when the call is made again, and nothing is made twice",
  async (effect) => {
    const spec = agentSpec();
    world.fake.failNext(effect, "lost");
    const calls = [
      world.host.ensureProject,
      world.host.ensureService,
      world.host.setVariables,
      world.host.deploy,
    ];
    const errors: unknown[] = [];
    for (const step of calls) {
      const error = await failure(step(spec, call()));
      if (!error) continue;
      errors.push(error);
      await step(spec, call());
    }
    expect(errors).toEqual([expect.objectContaining({ code: "docker_unreachable", retryable: true })]);
    expect(world.running(spec.departmentId)).toHaveLength(1);
    const kinds = (await world.host.inspect(spec.departmentId, signal)).map(({ kind }) => kind);
    expect(kinds).toEqual(["docker_network", "docker_service", "docker_secret"]);
    expect(effectsOn("POST /services/")).toHaveLength(2);
  },
);

test("who asks for the same at once gets the same", async () => {
  const spec = agentSpec();
  const made = await Promise.all(Array.from({ length: 5 }, () => world.host.ensureService(spec, call())));
  expect(new Set(made.map(({ externalId }) => externalId)).size).toBe(1);
  expect(effectsOn("POST /services/create")).toHaveLength(1);
});

test("a writer that was faster is read again", async () => {
  const spec = agentSpec();
  await world.host.ensureService(spec, call());
  world.fake.failNext("POST /services/", "stale");
  await world.host.deploy(spec, call());
  expect(world.running(spec.departmentId)).toHaveLength(1);
});

test("of twin networks the oldest is used and the other one goes", async () => {
  const spec = agentSpec();
  const { externalId } = await world.host.ensureProject(spec, call());
  const [first] = world.fake.networks.values();
  world.fake.addNetwork(first!.Name, first!.Labels);
  expect((await world.host.ensureProject(spec, call())).externalId).toBe(externalId);
  expect([...world.fake.networks.keys()]).toEqual([externalId]);
});

test("the attached container is in the department's network as federation, once", async () => {
  const spec = agentSpec();
  await world.host.ensureProject(spec, call());
  await world.host.ensureProject(spec, call());
  const [network] = world.fake.networks.values();
  expect([...network!.members]).toEqual([["web", ["federation"]]]);
  expect(effectsOn("POST /networks/").filter((effect) => effect.endsWith("/connect"))).toHaveLength(1);
});

test("a container with an alias is in the network under that name", async () => {
  world.fake.containers.add("n8n-1");
  await world.hostWith({ attach: ["web", "n8n-1:n8n"] }).ensureProject(agentSpec(), call());
  const [network] = world.fake.networks.values();
  expect([...network!.members]).toEqual([
    ["web", ["federation"]],
    ["n8n-1", ["n8n"]],
  ]);
});

test("a container to attach that is not there is worth another try", async () => {
  world.fake.containers.clear();
  const error = await failure(world.host.ensureProject(agentSpec(), call()));
  expect(error).toMatchObject({ code: "attach_missing", retryable: true });
  expect(error?.message).toContain("web");
});

test("a container that is not there keeps no other one out", async () => {
  const host = world.hostWith({ attach: ["gone", "web"] });
  const error = await failure(host.ensureProject(agentSpec(), call()));
  expect(error).toMatchObject({ code: "attach_missing" });
  const [network] = world.fake.networks.values();
  expect([...network!.members.keys()]).toEqual(["web"]);
});

test("a container made anew is put back into every department's network", async () => {
  const specs = [agentSpec(), agentSpec()];
  for (const spec of specs) await world.host.ensureProject(spec, call());
  for (const { members } of world.fake.networks.values()) members.clear();
  await world.host.reattach(signal);
  for (const { members } of world.fake.networks.values()) expect([...members.keys()]).toEqual(["web"]);
});

test("a region that no machine has is refused for good, one that is there is where the agent goes", async () => {
  const far = agentSpec({ region: "moon" });
  const refused = await failure(world.host.ensureService(far, call()));
  expect(refused).toMatchObject({ code: "region_unknown", retryable: false });
  expect(await world.host.inspect(far.departmentId, signal)).toEqual([]);
  const near = agentSpec({ region: "eu" });
  await provision(near);
  expect(JSON.stringify(serviceOf(near))).toContain('"Constraints":["node.labels.region==eu"]');
});

test("a deploy puts back what somebody took out of the service", async () => {
  const spec = agentSpec();
  await provision(spec);
  const service = serviceOf(spec)!;
  const template = service.Spec.TaskTemplate;
  const weakened = { ...template.ContainerSpec, ReadOnly: false, CapabilityDrop: [] };
  world.fake.swarm.change(service, {
    ...service.Spec,
    TaskTemplate: { ...template, ContainerSpec: weakened },
  });
  await world.host.deploy(spec, call());
  expect(serviceOf(spec)?.Spec.TaskTemplate.ContainerSpec).toMatchObject({
    ReadOnly: true,
    CapabilityDrop: ["ALL"],
  });
});

test("three replicas run, one that dies is replaced without us, and health tells how many there are", async () => {
  const spec = agentSpec({ limits: { cpus: 0.5, memoryMb: 256, replicas: 3 } });
  await provision(spec);
  const [replica] = world.running(spec.departmentId);
  world.fake.swarm.kill(world.fake.swarm.tasks().find(({ ID }) => ID === replica?.instance)!);
  const partly = await world.host.health(spec.departmentId, signal);
  expect(partly).toEqual({ status: "ready", detail: "2 of 3 replicas run." });
  while ((await world.host.health(spec.departmentId, signal)).detail !== "") await Bun.sleep(5);
  expect(world.running(spec.departmentId)).toHaveLength(3);
});

test("things of the same name that are not the department's are refused and left alone", async () => {
  const spec = agentSpec();
  await provision(spec);
  const name = serviceOf(spec)!.Spec.Name;
  const elsewhere = world.hostWith({ environment: "other" });
  const error = await failure(elsewhere.ensureService(spec, call()));
  expect(error).toMatchObject({ code: "name_taken", retryable: false });
  expect(await elsewhere.listOwned(signal)).toEqual([]);
  await elsewhere.destroy(spec.departmentId, call());
  expect(serviceOf(spec)?.Spec.Name).toBe(name);
});

test("a stopped deploy is told so for good", async () => {
  const spec = agentSpec();
  const slow = world.hostWith({ imageOf: () => "slow:1" });
  const deploying = failure(provision(spec, slow));
  while ((await slow.health(spec.departmentId, signal)).status !== "starting") await Bun.sleep(5);
  await slow.stop(spec.departmentId, call());
  expect(await deploying).toMatchObject({ code: "agent_stopped", retryable: false });
});

test("an abort ends the wait for an agent", async () => {
  const spec = agentSpec();
  const slow = world.hostWith({ imageOf: () => "slow:1", waitSeconds: 3600 });
  await slow.ensureService(spec, call());
  const aborting = new AbortController();
  const deploying = slow.deploy(spec, call({ signal: aborting.signal }));
  while ((await slow.health(spec.departmentId, signal)).status !== "starting") await Bun.sleep(5);
  aborting.abort(new Error("given up"));
  await expect(deploying).rejects.toThrow();
});

test("destroy takes whatever is in the network out of it", async () => {
  const spec = agentSpec();
  await provision(spec);
  world.fake.containers.add("somebody");
  const [network] = world.fake.networks.values();
  network!.members.set("somebody", []);
  await world.host.destroy(spec.departmentId, call());
  expect(await world.host.listOwned(signal)).toEqual([]);
});

test("right before each effect the lease is checked", async () => {
  const spec = agentSpec();
  const checks = () => call({ fence: () => Promise.resolve(void world.fake.effects.push("fence")) });
  await world.host.ensureProject(spec, checks());
  await world.host.ensureService(spec, checks());
  await world.host.setVariables(spec, checks());
  await world.host.deploy(spec, checks());
  const next = { ...spec, variables: { ...spec.variables, AGENT_TOKEN: "a new one" } };
  await world.host.deploy(next, checks());
  await world.host.stop(spec.departmentId, checks());
  await world.host.destroy(spec.departmentId, checks());
  const { effects } = world.fake;
  const unchecked = effects.filter((effect, at) => effect !== "fence" && effects[at - 1] !== "fence");
  expect(unchecked).toEqual([]);
  expect(effects.filter((effect) => effect !== "fence").length).toBeGreaterThanOrEqual(11);
});

test("what runs with a lost lease in the middle of destroy goes no further", async () => {
  const spec = agentSpec();
  await provision(spec);
  const lost = new FederationError("lease_lost", "The lease was lost.", { retryable: true });
  let left = 1;
  const fence = () => (left-- > 0 ? Promise.resolve() : Promise.reject(lost));
  await expect(world.host.destroy(spec.departmentId, call({ fence }))).rejects.toThrow(lost);
  expect(effectsOn("DELETE")).toEqual([]);
  await world.host.destroy(spec.departmentId, call());
  expect(await world.host.inspect(spec.departmentId, signal)).toEqual([]);
});

test.each(["two\nlines", "two\rlines", "a\0byte"])(
  "a variable of %j is refused by name, not by value",
  async (value) => {
    const spec = agentSpec({ variables: { AGENT_GREETING: value }, secretNames: [] });
    await world.host.ensureService(spec, call());
    const error = await failure(world.host.setVariables(spec, call()));
    expect(error).toMatchObject({ code: "invalid_variable", retryable: false });
    expect(error?.message).toContain("AGENT_GREETING");
    expect(error?.message).not.toContain(value);
  },
);

test("logs are the last lines of all replicas in the order of their time", async () => {
  const spec = agentSpec();
  expect(await world.host.logs(spec.departmentId, { tailLines: 5 }, signal)).toEqual([]);
  await provision(spec);
  world.fake.logs.push(
    "2026-01-01T00:00:02.000000000Z second, ä",
    "2026-01-01T00:00:01.000000000Z first",
    "2026-01-01T00:00:03.000000000Z third",
  );
  expect(await world.host.logs(spec.departmentId, { tailLines: 2 }, signal)).toEqual(["second, ä", "third"]);
});

test("a service that another run takes away between read and write: a stop is done with it, a deploy misses it", async () => {
  const [stopped, deployed] = [agentSpec(), agentSpec()];
  await Promise.all([provision(stopped), provision(deployed)]);
  const takingAway = (spec: AgentSpec) =>
    call({
      fence() {
        const service = serviceOf(spec);
        if (service) world.fake.swarm.remove(service);
        return Promise.resolve();
      },
    });
  await world.host.stop(stopped.departmentId, takingAway(stopped));
  const again = { ...deployed, limits: { ...deployed.limits, replicas: 2 } };
  expect(await failure(world.host.deploy(again, takingAway(deployed)))).toMatchObject({
    code: "agent_missing",
  });
});
