// Against the engine of DOCKER_HOST, a manager of a swarm with the image oven/bun:1.4.5-slim; run by `npm run test:docker`.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createEngine } from "../../src/providers/hosts/docker/engine.ts";
import type { AgentSpec } from "../../src/providers/hosts/host.ts";
import { describeHostContract } from "../contracts/host.ts";
import { changeByHand } from "../providers/hosts/docker/change-by-hand.ts";
import { call } from "../providers/hosts/docker/world.ts";
import { docker } from "./docker.ts";
import { dockerHost, openEngineWorld } from "./engine-world.ts";
import { startTlsProxy } from "./tls-proxy.ts";

const { signal } = new AbortController();

describeHostContract("docker, on a real engine", async () => {
  const world = await openEngineWorld();
  return {
    host: world.host,
    makeSpec: () => Promise.resolve(world.makeSpec()),
    async running(departmentId) {
      const [instance] = await world.containersOf(departmentId);
      if (instance === undefined) return undefined;
      return { instance, release: await world.inside(instance, "console.log(process.env.RELEASE)") };
    },
    async changeByHand({ departmentId }, name, value) {
      await changeByHand(world.engine, { environment: world.environment, departmentId }, name, value);
      const isThere = async () => {
        const [instance, older] = await world.containersOf(departmentId);
        if (instance === undefined || older !== undefined) return false;
        const print = `console.log(process.env[${JSON.stringify(name)}])`;
        return (await world.inside(instance, print).catch(() => "")) === value;
      };
      while (!(await isThere())) await Bun.sleep(100);
    },
    close: world.close,
  };
});

describe("on a real engine", () => {
  let world: Awaited<ReturnType<typeof openEngineWorld>>;
  beforeAll(async () => {
    world = await openEngineWorld();
  });
  afterAll(() => world.close());

  async function provision(changes: Partial<AgentSpec> = {}) {
    const spec = { ...world.makeSpec(), ...changes };
    await world.host.ensureProject(spec, call());
    await world.host.ensureService(spec, call());
    await world.host.setVariables(spec, call());
    const { url } = await world.host.deploy(spec, call());
    const [container = ""] = await world.containersOf(spec.departmentId);
    return { spec, url, container };
  }
  const get = (container: string, url: string) =>
    world.inside(
      container,
      `console.log(await fetch(${JSON.stringify(url)}, { signal: AbortSignal.timeout(1500) }).then((answer) => answer.text(), () => "unreachable"))`,
    );
  const inspect = async (container: string): Promise<unknown> =>
    JSON.parse(await docker("inspect", "-f", "{{json .}}", container));

  test("a release that does not become healthy is rolled back, and the previous one answers on", async () => {
    const { spec, url, container } = await provision();
    const next = { ...spec, release: "r2", variables: { ...spec.variables, RELEASE: "r2" } };
    const error = await world
      .hostWith({ imageOf: () => world.images.broken })
      .deploy(next, call())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "agent_rolled_back", retryable: false });
    expect(await world.containersOf(spec.departmentId)).toEqual([container]);
    expect(JSON.parse(await get(world.web, url))).toEqual({ release: "r1" });
  });

  test("an image that does not exist is told with a private reason", async () => {
    const spec = world.makeSpec();
    const host = world.hostWith({ imageOf: () => "federation-no-such-image:1" });
    await host.ensureService(spec, call());
    const error = await host.deploy(spec, call()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "agent_not_started", retryable: true });
    expect(error instanceof Error ? String(error.cause) : "").toContain("No such image");
    expect((await host.health(spec.departmentId, signal)).status).toBe("absent");
  });

  test("the container is read-only, without capabilities, not root and limited", async () => {
    const { container } = await provision({ limits: { cpus: 0.5, memoryMb: 128, replicas: 1 } });
    expect(await inspect(container)).toMatchObject({
      Config: { User: "1000:1000" },
      HostConfig: {
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        CapAdd: null,
        Privileged: false,
        Init: true,
        PidsLimit: 256,
        Memory: 128 * 1024 * 1024,
        NanoCpus: 500_000_000,
        LogConfig: { Type: "json-file", Config: { "max-file": "2", "max-size": "10m" } },
        PortBindings: {},
      },
    });
    const status = await docker("exec", container, "cat", "/proc/1/status", "/proc/mounts");
    expect(status).toMatch(/CapBnd:\s+0{16}/);
    expect(status).toMatch(/tmpfs \/tmp tmpfs rw,nosuid,nodev,noexec\S*size=65536k/);
    await expect(docker("exec", container, "touch", "/app/x")).rejects.toThrow("Read-only file system");
  });

  test("secrets are in a file that only the agent reads, and not in what the engine tells of the container", async () => {
    const { spec, container } = await provision();
    const file = "/run/secrets/agent.json";
    expect(JSON.parse(await docker("exec", container, "cat", file))).toEqual({ AGENT_TOKEN: "of the agent" });
    expect(await docker("exec", container, "stat", "-c", "%u %a", file)).toBe("1000 400");
    expect(JSON.stringify(await inspect(container))).not.toContain("of the agent");
    const next = { ...spec, variables: { ...spec.variables, AGENT_TOKEN: "another" } };
    await world.host.setVariables(next, call());
    await world.host.deploy(next, call());
    const kinds = (await world.host.inspect(spec.departmentId, signal)).map(({ kind }) => kind);
    expect(kinds).toEqual(["docker_network", "docker_service", "docker_secret"]);
  });

  test("an agent reaches the control plane and its own name, but no other department's by name or address", async () => {
    const [one, other] = [await provision(), await provision()];
    expect(JSON.parse(await get(one.container, "http://federation:8080"))).toEqual({ release: "web" });
    expect(JSON.parse(await get(one.container, one.url))).toEqual({ release: "r1" });
    const addresses = await docker(
      "exec",
      other.container,
      "sh",
      "-c",
      "cat /proc/net/fib_trie | grep -B1 '32 host LOCAL' | grep -oE '[0-9]+(\\.[0-9]+){3}' | grep -v ^127 | sort -u",
    );
    expect(await get(one.container, other.url)).toBe("unreachable");
    const targets = addresses.split("\n").map((address) => `http://${address}:8080`);
    expect(targets.length).toBeGreaterThanOrEqual(2);
    // A router beyond the machine may answer for these addresses; the agent must not.
    for (const target of targets) expect(await get(one.container, target)).not.toContain("release");
    const network = (await world.host.inspect(one.spec.departmentId, signal))[0]!.externalId;
    const probe = await docker("run", "-d", "--network", network, world.images.good);
    expect(JSON.parse(await get(probe, one.url))).toEqual({ release: "r1" });
    for (const target of targets) expect(await get(probe, target)).not.toContain("release");
    await docker("rm", "-f", probe);
  });

  test("a killed container comes back without us", async () => {
    const { spec, container } = await provision();
    await docker("kill", container);
    let again: string[] = [];
    while (again.length === 0 || again[0] === container) again = await world.containersOf(spec.departmentId);
    while ((await world.host.health(spec.departmentId, signal)).status !== "ready") await Bun.sleep(100);
  });

  test("replicas come and go without a restart of those there are", async () => {
    const { spec, container } = await provision();
    await world.host.deploy({ ...spec, limits: { ...spec.limits, replicas: 3 } }, call());
    const three = await world.containersOf(spec.departmentId);
    expect(three).toHaveLength(3);
    expect(three).toContain(container);
  });

  test("a container to attach that was made anew is back in every network after reattach", async () => {
    const { url } = await provision();
    await docker("rm", "-f", world.web);
    await docker("run", "-d", "--name", world.web, "-e", "RELEASE=web", world.images.good);
    expect(await get(world.web, url)).toBe("unreachable");
    await world.host.reattach(signal);
    await world.host.reattach(signal);
    expect(JSON.parse(await get(world.web, url))).toEqual({ release: "r1" });
  });

  test("logs are what the agent wrote", async () => {
    const { spec } = await provision();
    let lines: string[] = [];
    while (lines.length === 0) lines = await world.host.logs(spec.departmentId, { tailLines: 10 }, signal);
    expect(lines).toEqual(["listening as r1"]);
  });

  test("a container that somebody put into the network does not keep it", async () => {
    const { spec } = await provision();
    const network = (await world.host.inspect(spec.departmentId, signal))[0]!.externalId;
    const stray = await docker("run", "-d", "--network", network, world.images.good);
    await world.host.destroy(spec.departmentId, call());
    expect(await world.host.inspect(spec.departmentId, signal)).toEqual([]);
    await docker("rm", "-f", stray);
  });

  test("over TCP both ends have to show a certificate of the authority", async () => {
    const proxy = await startTlsProxy(dockerHost);
    const { ours, foreign, mixed } = proxy.certPaths;
    const through = (certPath: string) =>
      world.hostWith({ engine: createEngine({ host: proxy.host, certPath }) }).listOwned(signal);
    expect(await through(ours)).toEqual(await world.host.listOwned(signal));
    await expect(through(foreign)).rejects.toMatchObject({ code: "docker_unreachable" });
    await expect(through(mixed)).rejects.toMatchObject({ code: "docker_unreachable" });
    await proxy.close();
  });
});
