import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";
import { runFed } from "../helpers/run-fed.ts";

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

const fed = (...args: string[]) => runFed({ url: server.url.origin, key: edge.adminKey }, args);

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
