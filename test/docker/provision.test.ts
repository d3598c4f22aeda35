// A department as a service of a real swarm, from the API's call to nothing left; run by `npm run test:docker`.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import { provision, runOf, submitDeprovision, type TestRun, untilRun } from "../crash/department.ts";
import { until } from "../helpers/installation.ts";
import { deriveImage, docker, probe } from "./docker.ts";
import { startSwarmWorld, type SwarmWorld } from "./swarm-world.ts";

let world: SwarmWorld;
beforeAll(async () => void (world = await startSwarmWorld()), 600_000);
afterAll(() => world.close());

test("a department provisioned over the API is a healthy service whose tool answers who has its token, and nobody else", async () => {
  const run = await provision(world.at);
  const service = await world.serviceOf(run);
  expect(service.replicas).toBe("1/1");
  const asked = { query: "budget" };
  expect(await world.callTool(run, "search_documents", asked)).toMatchObject({ status: 200 });
  expect(await world.callTool(run, "search_documents", asked, "wrong")).toMatchObject({ status: 401 });
  const script = `console.log(JSON.stringify(await (await fetch("http://${service.name}:8080/health")).json()))`;
  const { checks } = health.parse(await probe(service.name, script));
  expect(checks.voice).toEqual({ ok: true, detail: "off" });
});

test("its container is read-only, without capabilities, bounded, not root, and its environment holds no secret", async () => {
  const run = await provision(world.at);
  const [container = ""] = await world.containersOf(run);
  const { HostConfig, Config } = inspected.parse(
    JSON.parse(await docker("inspect", "-f", "{{json .}}", container)),
  );
  expect(HostConfig).toMatchObject({
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    Privileged: false,
    PidsLimit: 256,
  });
  expect(HostConfig).toMatchObject({ NanoCpus: 1e9, Memory: 1024 * 1024 * 1024, PortBindings: {} });
  expect(Config.User).toBe("1000:1000");
  const secrets = await world.secretsOf(run);
  expect(secrets.length).toBeGreaterThan(1);
  for (const secret of secrets) expect(Config.Env.join("\n")).not.toContain(secret);
  const written = await docker("exec", container, "node", "-e", "fs.writeFileSync('/app/x', '')").catch(
    String,
  );
  expect(written).toContain("EROFS");
});

test("what is on one department's network can neither find nor reach another one's agent", async () => {
  const [one, other] = [await provision(world.at), await provision(world.at)];
  const [mine, theirs] = [await world.serviceOf(one), await world.serviceOf(other)];
  const [container = ""] = await world.containersOf(other);
  const address = await docker(
    "inspect",
    "-f",
    `{{(index .NetworkSettings.Networks "${theirs.name}").IPAddress}}`,
    container,
  );
  const script = (target: string) =>
    `const answer = await fetch("http://${target}:8080/health", { signal: AbortSignal.timeout(3000) }).then((reply) => reply.json()).catch(() => ({})); console.log(JSON.stringify(answer?.department_id ?? "no agent"))`;
  expect(await probe(mine.name, script(mine.name))).toBe(one.department);
  expect(await probe(mine.name, script(theirs.name))).toBe("no agent");
  expect(address).toMatch(/^\d+\./);
  expect(await probe(theirs.name, script(address))).toBe(other.department);
  // A router beyond the machine may answer for any address; only an agent says whose it is.
  expect(await probe(mine.name, script(address))).toBe("no agent");
});

test("an upgrade puts another image in its place, and a broken one is rolled back while the old one answers", async () => {
  const run = await provision(world.at);
  const next = await deriveImage(`${world.image}-next`, world.image, "LABEL next=yes");
  const broken = await deriveImage(
    `${world.image}-broken`,
    world.image,
    'CMD ["node", "-e", "process.exit(1)"]',
  );
  const upgrade = async (release: string) =>
    runOf(await world.at.client.send("POST", `/departments/${run.slug}/upgrade`, { release }));
  await untilRun(world.at, (await upgrade(next)).id, "succeeded");
  expect((await world.serviceOf(run)).image).toBe(next);
  const failed = await upgrade(broken);
  let answered = 0;
  await until(
    "the upgrade is taken back",
    async () => {
      const { status } = await world.callTool(run, "search_documents", { query: "budget" });
      expect(status).toBe(200);
      answered++;
      const [row] = await world.at
        .sql`select finished_at is not null as over from federation.run where id = ${failed.id}`;
      return row?.["over"] === true;
    },
    240,
  );
  expect(answered).toBeGreaterThan(1);
  const [row] = await world.at.sql`
    select r.status, r.error_code, d.status as department, d.release from federation.run r
    join federation.department d on d.id = r.department_id where r.id = ${failed.id}`;
  expect(row).toEqual({
    status: "rolled_back",
    error_code: "agent_rolled_back",
    department: "active",
    release: next,
  } as never);
  expect((await world.serviceOf(run)).image).toBe(next);
  expect(await Bun.file(`${world.at.directory}/worker.log`).text()).toContain("the agent's last lines");
}, 400_000);

test("a container that is killed is back without us", async () => {
  const run = await provision(world.at);
  const [container = ""] = await world.containersOf(run);
  world.at.worker().kill("SIGSTOP");
  await docker("kill", container);
  await until(
    "another one answers",
    async () => {
      const [now] = await world.containersOf(run);
      if (now === undefined || now === container) return false;
      return (
        (await world.callTool(run, "search_documents", { query: "x" }).catch(() => undefined))?.status === 200
      );
    },
    90,
  );
  world.at.worker().kill("SIGCONT");
}, 120_000);

test("a container of DOCKER_ATTACH that is made anew is in the departments' networks again", async () => {
  const run = await provision(world.at);
  const { name } = await world.serviceOf(run);
  await docker("network", "disconnect", "-f", name, world.relay.name);
  await until("it is connected", async () =>
    (await docker("network", "inspect", "-f", "{{range .Containers}}{{.Name}} {{end}}", name)).includes(
      world.relay.name,
    ),
  );
});

test("after a deprovision nothing of it is left on the engine, and the others run on", async () => {
  const [gone, other] = [await provision(world.at), await provision(world.at)];
  await untilGone(await submitDeprovision(world.at, gone.slug));
  // The engine removes the container a moment after it has forgotten the task.
  await until("nothing is left", async () => (await world.thingsOf(gone)).length === 0);
  expect(await world.callTool(other, "search_documents", { query: "x" })).toMatchObject({ status: 200 });
}, 240_000);

async function untilGone(run: TestRun) {
  await until(
    "it is gone",
    async () => {
      const [row] = await world.at.sql`select status from federation.run where id = ${run.id}`;
      return row?.["status"] === "succeeded";
    },
    180,
  );
}

const health = z.object({ checks: z.object({ voice: z.object({ ok: z.boolean(), detail: z.string() }) }) });
const inspected = z.object({
  HostConfig: z.looseObject({}),
  Config: z.object({ User: z.string(), Env: z.array(z.string()) }),
});
