import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";

const main = join(import.meta.dir, "../../src/cli/main.ts");
let edge: Edge;
let server: ReturnType<typeof Bun.serve>;
let department: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  department = await edge.addDepartment();
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, serving) => edge.app.fetch(request, { server: serving }),
  });
});
afterAll(async () => {
  await server.stop(true);
  await edge.close();
});

async function fed(...args: string[]) {
  const child = Bun.spawn([process.execPath, main, ...args], {
    env: { ...process.env, FEDERATION_URL: server.url.href, FEDERATION_API_KEY: edge.adminKey },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, err };
}

test("fed cost --projection shows the anchors, the break-even, what drives them and a chart", async () => {
  const { out, code } = await fed("cost", "--projection");
  expect(code).toBe(0);
  expect(out).toMatch(
    /^One more department: Railway \$1[56789]\d\.\d\d, own machines \$[5-9]\d\.\d\d a month\. Break-even: [45]\d departments\.$/m,
  );
  expect(out).toMatch(/^Railway: memory used \(\d+ %\)/m);
  expect(out).toMatch(/^ +500 R █+ \d/m);
  expect((await fed("cost", department.slug)).out).toContain(`${department.slug} on local: $0.00 a month`);
  expect((await fed("cost")).out).toMatch(new RegExp(`^${department.slug} +local +0\\.00 +-$`, "m"));
});

test("fed budgets, jobs and retention answer from the installation", async () => {
  expect((await fed("budgets", "--json")).out).toBe("[]\n");
  expect((await fed("jobs")).out).toMatch(/^keep-house +0 +0 +0 +-$/m);
  expect((await fed("jobs", "--retry", "x")).code).not.toBe(0);
  expect((await fed("retention", department.slug, "--dry-run")).out).toContain("everything is kept");
});
