import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { slackMessage } from "../../src/webhooks/slack/slack-message.ts";
import { slackText } from "../../src/webhooks/slack/slack-text.ts";
import { deliveriesOf, until, type World, webhookWorld } from "./world.ts";

let world: World;
beforeAll(async () => void (world = await webhookWorld()));
afterAll(() => world.close());
afterEach(async () => {
  await world.stop();
  await world.edge.sql`delete from federation.webhook_endpoint`;
  await world.edge.sql`delete from federation.webhook_event`;
});

/** As secret as a path of Slack's is. */
const token = "B0CANARY9xQ2vT7mK4pL";
const path = `/services/T01/${token}`;
const slack = (more: object = {}) => world.addEndpoint(path, { format: "slack", ...more });
const firing = { name: "queue_old", subject: "", severity: "critical", summary: "The oldest run waits." };
const first = async (id: string) => (await deliveriesOf(world.edge, id))[0];
const settled = (id: string, wanted: string) =>
  until(async () => (await first(id))?.status === wanted && first(id));

test("a message says what, where, since when and what to do, leads to the console, and bears no signature", async () => {
  const department = await world.edge.addDepartment();
  const { id } = await slack({ department_id: department.slug });
  world.start();
  await world.emit("alert.fired", department.id, firing);
  await settled(id, "delivered");
  const [message] = world.of(path);
  const body = JSON.parse(message?.text ?? "{}");
  expect(Object.keys(body)).toEqual(["text", "blocks"]);
  const [head, detail, foot] = body.text.split("\n");
  expect([head, detail]).toEqual(["*Alert: queue_old* (critical)", "The oldest run waits."]);
  expect(foot).toMatch(
    new RegExp(`\\(${department.slug}\\) · since 20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC · `),
  );
  expect(foot).toEndWith(`<https://federation.example.org/departments/${department.slug}|open the console>`);
  expect(body.blocks.map(({ type }: { type: string }) => type)).toEqual(["section", "context"]);
  expect(message?.headers["content-type"]).toBe("application/json");
  expect(Object.keys(message?.headers ?? {}).filter((name) => name.startsWith("webhook-"))).toEqual([]);
});

test("it hears of the types it wants only, as any endpoint", async () => {
  const { id } = await slack({ types: ["alert.resolved"] });
  world.start();
  await world.emit("alert.fired", undefined, firing);
  await world.emit("alert.resolved", undefined, firing);
  await settled(id, "delivered");
  expect((await deliveriesOf(world.edge, id)).map(({ type }) => type)).toEqual(["alert.resolved"]);
});

describe("a receiver that fails", () => {
  const dueIn = async (id: string) => {
    const [row] = await world.edge.sql`
      select extract(epoch from due_at - last_attempt_at)::float8 as seconds from federation.webhook_delivery
      where endpoint_id = ${id}`;
    return Number(row?.["seconds"]);
  };

  test("with 500 is asked again by the schedule, and with 429 not before it said", async () => {
    const answers = [
      new Response(null, { status: 500 }),
      new Response(null, { status: 429, headers: { "retry-after": "120" } }),
      new Response(null, { status: 503, headers: { "retry-after": "999999" } }),
    ];
    world.answer(path, () => answers.shift() ?? new Response("ok"));
    const { id } = await slack();
    world.start();
    await world.emit("alert.fired", undefined, firing);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      await until(
        async () => (await first(id))?.attempts === attempt && (await first(id))?.status === "waiting",
      );
      waits.push(await dueIn(id));
      await world.edge.sql`update federation.webhook_delivery set due_at = now() where endpoint_id = ${id}`;
    }
    await settled(id, "delivered");
    expect(world.of(path).length).toBeGreaterThanOrEqual(4);
    const [after500 = 0, after429 = 0, after503 = 0] = waits;
    expect([after500 >= 4.9 && after500 < 7, after429 >= 120, after503 >= 3599 && after503 < 3700]).toEqual([
      true,
      true,
      true,
    ]);
    world.answer(path, () => new Response("ok"));
  });
});

describe("the URL", () => {
  test("is in no answer, list, log line, audit event, error or row after it was given", async () => {
    const { edge } = world;
    world.answer(path, () => new Response("no", { status: 500 }));
    const made = await slack({ description: "operators" });
    expect(made).toMatchObject({ secret: null, format: "slack" });
    world.start();
    await world.emit("alert.fired", undefined, firing);
    await until(async () => (await first(made.id))?.last_error);
    await world.stop();
    // A receiver that is not there at all makes another error.
    await edge.call("PUT", `/api/v1/webhook-endpoints/${made.id}`, {
      key: edge.adminKey,
      body: { url: `https://127.0.0.1:1${path}` },
    });
    const dead = `http://hook.test:1${path}`;
    await edge.call("PUT", `/api/v1/webhook-endpoints/${made.id}`, {
      key: edge.adminKey,
      body: { url: dead },
    });
    const refused = await edge.call("POST", "/api/v1/webhook-endpoints", {
      key: edge.adminKey,
      body: { url: `http://127.0.0.1${path}`, format: "slack" },
    });
    expect(refused.json.code).toBe("outbound_url_refused");
    world.start();
    await edge.sql`update federation.webhook_delivery set due_at = now() where endpoint_id = ${made.id}`;
    await until(async () => (await first(made.id))?.last_error?.startsWith("outbound"));
    await world.stop();
    const answers = await Promise.all(
      ["", `/${made.id}`, `/${made.id}/deliveries`].map((tail) =>
        edge.call("GET", `/api/v1/webhook-endpoints${tail}`, { key: edge.adminKey }),
      ),
    );
    expect(answers[1]?.json.url).toBe("http://hook.test:1/…");
    const tables = await edge.sql<{ name: string }[]>`
      select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('federation', 'audit', 'pgboss') and c.relkind in ('r', 'p')`;
    const rows = await Promise.all(
      tables.map(({ name }) => edge.sql<{ row: string }[]>`select t::text as row from ${edge.sql(name)} t`),
    );
    const everything = [
      ...[JSON.stringify(made), refused.text],
      ...answers.map(({ text }) => text),
      ...edge.lines,
      ...rows.flat().map(({ row }) => row),
    ];
    expect(everything.length).toBeGreaterThan(20);
    expect(everything.filter((text) => text.includes(token))).toEqual([]);
    world.answer(path, () => new Response("ok"));
  });

  test("stays when the endpoint is changed with what is shown of it, and another one takes its place", async () => {
    const { edge } = world;
    const { id, ...made } = (await slack()) as { id: string; url?: string };
    const put = (url: string) =>
      edge.call("PUT", `/api/v1/webhook-endpoints/${id}`, {
        key: edge.adminKey,
        body: { url, description: "ops" },
      });
    expect((await put(String(made.url))).json).toMatchObject({
      url: made.url,
      format: "slack",
      description: "ops",
    });
    world.start();
    await world.emit("alert.fired", undefined, firing);
    const before = world.of(path).length;
    await settled(id, "delivered");
    expect(world.of(path).length).toBeGreaterThanOrEqual(before);
    expect((await put(world.url("/services/other"))).status).toBe(200);
    await world.emit("alert.resolved", undefined, firing);
    await until(() => world.of("/services/other").length === 1);
    expect((await put("http://elsewhere.test/…")).json.code).toBe("outbound_url_refused");
  });

  test("is all the secret there is: there is none to rotate", async () => {
    const { id } = await slack();
    const path = `/api/v1/webhook-endpoints/${id}/rotate-secret`;
    const rotated = await world.edge.call("POST", path, { key: world.edge.adminKey, body: {} });
    expect([rotated.status, rotated.json.code]).toEqual([409, "not_signed"]);
  });
});

describe("a department's name", () => {
  const hostile = [
    "<!channel> pay here",
    "@channel @here @all @everyone",
    "<https://evil.example|the console>",
    "[the console](https://evil.example)",
    "a\nb\u2028c\u202Ed\u0000",
    "R&D <b>",
  ];
  test.each(hostile)("calls nobody and hides no link: %j", (name) => {
    const event = {
      type: "department.failed",
      timestamp: "2026-01-02T03:04:05.678Z",
      data: { error: name, run_status: "failed" },
      department: { slug: "sales", name },
    };
    const body = slackMessage(event, "https://fed.example.org");
    const text = String(body["text"]);
    const ours = "<https://fed.example.org/departments/sales|open the console>";
    expect(text).toEndWith(ours);
    const others = text.slice(0, -ours.length);
    expect(others).not.toMatch(/[<>]|@[A-Za-z]|\]\(/);
    expect(others.split("\n")).toHaveLength(3);
    expect(JSON.stringify(body["blocks"])).not.toMatch(/<!|@[a-z]|\]\(/);
  });

  test("that is ordinary stays readable, a long one is cut", () => {
    expect(slackText("R&D <Nord>")).toBe("R&amp;D &lt;Nord&gt;");
    expect([...slackText("ä".repeat(300))]).toHaveLength(200);
  });
});

test("no message is longer than a section of Slack may be, whatever it tells", () => {
  const data = { summary: "<".repeat(5000), name: "&".repeat(500), severity: "critical" };
  const department = { slug: "sales", name: ">".repeat(200) };
  const body = slackMessage(
    { type: "alert.fired", timestamp: "x", data, department },
    "https://fed.example.org",
  );
  for (const { text, elements } of body["blocks"] as {
    text?: { text: string };
    elements?: { text: string }[];
  }[])
    expect((text ?? elements?.[0])?.text.length ?? 0).toBeLessThanOrEqual(3000);
});
