import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RolloutsWorld, rolloutsWorld } from "../rollouts/world.ts";
import { runFed } from "../helpers/run-fed.ts";

let world: RolloutsWorld;
let server: Bun.Server<undefined>;
let directory: string;
beforeAll(async () => {
  world = await rolloutsWorld({ PROMOTION_HEALTHY_HOURS: "0" });
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => world.edge.app.fetch(request) });
  directory = await mkdtemp(join(tmpdir(), "federation-cli-"));
});
afterAll(async () => {
  await server.stop(true);
  await world.close();
  await rm(directory, { recursive: true, force: true });
});

const fed = (...args: string[]) => runFed({ url: server.url.origin, key: world.edge.adminKey }, args);

test("fed makes a release, rolls it out and follows it, promotes it into a file, and says what an import lacks", async () => {
  const [department] = await world.addDepartments(1);
  const engine = world.startEngine();
  const loop = world.startLoop();
  try {
    expect((await fed("release", "create", "spring", "--image", "agent:spring")).code).toBe(0);
    const early = await fed("promote", "spring", "--to", "production", "--tests", "green");
    expect([early.code, early.err.includes("evidence_missing")]).toEqual([5, true]);
    const watched = await fed("rollout", "start", "spring", "--gate-seconds", "0", "--watch");
    expect([watched.code, watched.err]).toEqual([0, ""]);
    expect(watched.out).toContain("spring  succeeded  batch 1 of 1  1 done");
    await world.setHealth(department?.id ?? "", "healthy", 1);
    const file = join(directory, "manifest.json");
    const promoted = await fed(
      "promote",
      "spring",
      "--to",
      "production",
      "--tests",
      "green",
      "--manifest-out",
      file,
    );
    expect([promoted.code, promoted.err]).toEqual([0, ""]);
    const exported = await fed("release", "export", "spring");
    expect(JSON.parse(exported.out)).toEqual(await Bun.file(file).json());
    expect((await fed("release", "import", file)).code).toBe(2);
    const own = await fed("release", "import", file, "--jwks", `${server.url.origin}/.well-known/jwks.json`);
    expect([own.code, own.err.includes("manifest_refused")]).toEqual([5, true]);
    expect((await fed("rollout", "list")).out).toContain("succeeded");
    expect((await fed("release", "list")).out).toContain("agent:spring");
  } finally {
    await loop.close();
    await engine.close();
  }
}, 60_000);
