import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Edge, testEdge } from "../http/edge.ts";
import { runFed } from "../helpers/run-fed.ts";

let edge: Edge;
let server: Bun.Server<undefined>;
beforeAll(async () => {
  edge = await testEdge();
  server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => edge.app.fetch(request) });
});
afterAll(async () => {
  await server.stop(true);
  await edge.close();
});

const fed = (...args: string[]) => fedWith("", ...args);
const fedWith = (input: string, ...args: string[]) =>
  runFed({ url: server.url.origin, key: edge.adminKey }, ["webhooks", ...args], input);
const json = async (...args: string[]) => JSON.parse((await fed(...args, "--json")).out);

test("fed webhooks adds, lists, tests, sends again, rotates and removes; the secret is shown twice and never again", async () => {
  const department = await edge.addDepartment();
  const options = ["--types", "department.failed,grant.requested", "--department", department.slug];
  const { id, secret } = await json("add", "https://hooks.example.org/in", ...options);
  expect(secret).toStartWith("whsec_");
  const { id: delivery } = await json("test", id);
  expect(await json("deliveries", id)).toMatchObject([
    { id: delivery, type: "webhook.test", status: "waiting" },
  ]);
  expect((await json("redeliver", delivery)).status).toBe("waiting");
  const rotated = await fed("rotate", id);
  expect([rotated.code, /secret: whsec_/.test(rotated.out), rotated.out.includes(secret)]).toEqual([
    0,
    true,
    false,
  ]);
  const list = await fed("list");
  expect([list.code, list.out.includes("whsec_")]).toEqual([0, false]);
  expect(list.out).toContain("department.failed,grant.requested");
  expect((await fed("remove", id)).code).toBe(0);
  expect(await json("list")).toEqual([]);
});

test("fed webhooks says what is missing, refused or unknown by its exit code", async () => {
  const codes = await Promise.all(
    [["add"], ["fly", "x"], ["add", "http://127.0.0.1/"], ["rotate", Bun.randomUUIDv7()]].map((args) =>
      fed(...args),
    ),
  );
  expect(codes.map(({ code }) => code)).toEqual([2, 2, 5, 4]);
  expect(codes[2]?.err).toContain("not a public address");
});

test("fed webhooks add takes a Slack-compatible URL from stdin only, and nothing prints it again", async () => {
  const url = "https://hooks.example.org/services/verysecretword";
  const refused = await fed("add", url, "--format", "slack");
  expect([refused.code, refused.err.includes("stdin"), refused.err.includes("verysecretword")]).toEqual([
    2,
    true,
    false,
  ]);
  const added = await fedWith(url, "add", "--format", "slack", "--types", "alert.fired");
  expect(added.code).toBe(0);
  expect(added.out).toContain("url: https://hooks.example.org/…");
  const list = await fed("list", "--json");
  expect(JSON.parse(list.out)).toMatchObject([{ format: "slack", types: ["alert.fired"] }]);
  expect(`${added.out}${added.err}${list.out}`).not.toContain("verysecretword");
});
