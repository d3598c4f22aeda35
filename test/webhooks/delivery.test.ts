import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { claimDeliveries } from "../../src/webhooks/delivery/claim-deliveries.ts";
import { fanOut } from "../../src/webhooks/delivery/fan-out.ts";
import { sendDelivery } from "../../src/webhooks/delivery/send-delivery.ts";
import { storeOutcome } from "../../src/webhooks/delivery/store-outcome.ts";
import { purgeWebhooks } from "../../src/webhooks/purge.ts";
import { deliveriesOf, type Received, until, type World, webhookWorld } from "./world.ts";

let world: World;
beforeAll(async () => void (world = await webhookWorld()));
afterAll(() => world.close());
afterEach(async () => {
  await world.stop();
  await world.edge.sql`delete from federation.webhook_endpoint`;
  await world.edge.sql`delete from federation.webhook_event`;
});

const first = async (id: string) => (await deliveriesOf(world.edge, id))[0];
const status = (code: number) => () => new Response(null, { status: code });
const settled = (id: string, wanted: string) =>
  until(async () => {
    const delivery = await first(id);
    return delivery?.status === wanted && delivery;
  });

describe("an event", () => {
  test("reaches every endpoint that wants it, signed so that the reference package verifies it, without secrets", async () => {
    const { edge } = world;
    const [a, b] = [await edge.addDepartment(), await edge.addDepartment()];
    const all = await world.addEndpoint("/all");
    await world.addEndpoint("/some", { types: ["department.failed"] });
    const ofA = await world.addEndpoint("/a", { department_id: a.slug });
    await world.addEndpoint("/b", { department_id: b.id });
    world.start();
    await world.emit("department.provisioned", a.id);
    const [message] = await until(() =>
      world.of("/a").length > 0 && world.of("/all").length > 0 ? world.of("/a") : false,
    );
    await settled(all.id, "delivered");
    expect([world.of("/some"), world.of("/b")]).toEqual([[], []]);
    const body = new Webhook(ofA.secret).verify(message?.text ?? "", message?.headers ?? {});
    expect(body).toEqual({ type: "department.provisioned", timestamp: expect.any(String), data: { n: 1 } });
    expect(world.of("/all")[0]?.headers["webhook-id"]).toBe(message?.headers["webhook-id"] ?? "");
    expect(() => new Webhook(all.secret).verify(message?.text ?? "", message?.headers ?? {})).toThrow();
  });

  test("is fanned out once by any number of workers", async () => {
    const endpoint = await world.addEndpoint("/once");
    for (let n = 0; n < 20; n++) await world.emit("oauth_pool.low");
    for (let n = 0; n < 4; n++) world.start();
    await until(() => world.of("/once").length >= 20);
    const isOver = ({ status }: { status: string }) => status === "delivered";
    await until(async () => (await deliveriesOf(world.edge, endpoint.id)).filter(isOver).length === 20);
    await world.stop();
    expect(new Set(world.of("/once").map(idOf)).size).toBe(20);
    expect(world.of("/once")).toHaveLength(20);
  });

  test("of a department goes to its callback_url, which verifies it with the published keys", async () => {
    const { edge } = world;
    const department = await edge.addDepartment();
    await edge.sql`update federation.department_config set document = document || ${edge.sql.json({
      custom_config: { callback_url: world.url("/callback") },
    })} where department_id = ${department.id}`;
    world.start();
    await world.emit("grant.requested", department.id);
    await world.emit("department.deprovisioned", department.id);
    await settled(department.id, "delivered");
    const messages = world.of("/callback");
    expect(messages.map(({ text }) => JSON.parse(text).type)).toEqual(["department.deprovisioned"]);
    const { keys } = (await edge.call("GET", "/.well-known/jwks.json")).json;
    expect(await verifiedBy(keys, messages[0])).toBe(true);
    expect(await verifiedBy(keys, { ...(messages[0] as Received), text: "{}" })).toBe(false);
    const list = await edge.call("GET", "/api/v1/webhook-endpoints", { key: edge.adminKey });
    expect(list.json.items).toMatchObject([
      { id: department.id, kind: "callback", department_id: department.slug },
    ]);
  });
});

describe("a failure", () => {
  test("is tried again under the same id over at least 75 hours, then given up", async () => {
    const { edge } = world;
    world.answer("/down", status(500));
    const { id, secret } = await world.addEndpoint("/down");
    world.start();
    await world.emit("department.degraded");
    let seconds = 0;
    for (let attempt = 1; attempt < 10; attempt++) {
      await until(
        async () => (await first(id))?.attempts === attempt && (await first(id))?.status === "waiting",
      );
      // The clock: what is due later is due now.
      const [row] = await edge.sql`
        update federation.webhook_delivery v set due_at = now() from federation.webhook_delivery old
        where v.endpoint_id = ${id} and old.id = v.id and v.status = 'waiting'
        returning extract(epoch from old.due_at - old.last_attempt_at)::float8 as seconds`;
      seconds += Number(row?.["seconds"]);
    }
    expect(await settled(id, "failed")).toMatchObject({
      attempts: 10,
      last_status: 500,
      last_error: "http_500",
    });
    expect(seconds).toBeGreaterThanOrEqual(75 * 3600);
    const messages = world.of("/down");
    expect([
      messages.length,
      new Set(messages.map(idOf)).size,
      new Set(messages.map(({ text }) => text)).size,
    ]).toEqual([10, 1, 1]);
    for (const { text, headers } of messages) new Webhook(secret).verify(text, headers);
  });

  test.each([301, 404, 429, 503])("is whatever is not 2xx: %d", async (code) => {
    world.answer(
      "/code",
      () => new Response(null, { status: code, headers: { location: world.url("/elsewhere") } }),
    );
    const { id } = await world.addEndpoint("/code");
    world.start();
    await world.emit("department.degraded");
    expect(await until(async () => (await first(id))?.last_error && first(id))).toMatchObject({
      status: "waiting",
      last_status: code,
    });
    expect(world.of("/elsewhere")).toEqual([]);
  });

  test("410 switches the endpoint off, on record, with what waits for it", async () => {
    const { edge } = world;
    world.answer("/gone", status(410));
    const { id } = await world.addEndpoint("/gone");
    for (let n = 0; n < 10; n++) await world.emit("department.degraded");
    world.start();
    const isOver = ({ status }: { status: string }) => status === "failed";
    await until(async () => (await deliveriesOf(edge, id)).filter(isOver).length === 10);
    const { json } = await edge.call("GET", `/api/v1/webhook-endpoints/${id}`, { key: edge.adminKey });
    expect(json).toMatchObject({ status: "off", off_reason: "gone" });
    expect(await offEvents(id)).toEqual(["gone"]);
    const before = world.of("/gone").length;
    await world.emit("department.degraded");
    await until(
      async () =>
        (await edge.sql`select from federation.webhook_event where fanned_out_at is null`).length === 0,
    );
    expect((await deliveriesOf(edge, id)).length).toBe(10);
    expect(world.of("/gone").length).toBe(before);
  });

  test("for five days without a success switches the endpoint off; a success starts the days anew", async () => {
    const { edge } = world;
    world.answer("/hopeless", status(500));
    const { id } = await world.addEndpoint("/hopeless");
    const days = (count: number) => edge.sql`
      update federation.webhook_endpoint set failing_since = now() - make_interval(days => ${count}) where id = ${id}`;
    await days(4);
    world.start();
    await world.emit("department.degraded");
    await until(async () => (await first(id))?.last_error);
    expect(await offEvents(id)).toEqual([]);
    world.answer("/hopeless", status(200));
    await world.emit("department.degraded");
    await settled(id, "delivered");
    const failing =
      await edge.sql`select from federation.webhook_endpoint where id = ${id} and failing_since is not null`;
    expect(failing.length).toBe(0);
    await days(6);
    world.answer("/hopeless", status(500));
    await world.emit("department.degraded");
    await until(async () => (await offEvents(id)).length > 0);
    expect(await offEvents(id)).toEqual(["failing"]);
  });

  test("of an endpoint that leads inside is a failure like any other, and says no more", async () => {
    const { id } = await world.addEndpoint("/");
    await world.edge
      .sql`update federation.webhook_endpoint set url = 'http://metadata.test/' where id = ${id}`;
    const { resolve } = world.means.send;
    world.means.send.resolve = () => Promise.resolve(["169.254.169.254"]);
    world.start();
    await world.emit("department.degraded");
    expect(await until(async () => (await first(id))?.last_error)).toBe("outbound_no_public_address");
    world.means.send.resolve = resolve;
  });
});

test("a callback_url that is never called fails at once", async () => {
  const { edge } = world;
  const department = await edge.addDepartment();
  await edge.sql`update federation.department_config set document = document || ${edge.sql.json({
    custom_config: { callback_url: "http://hook.test:22/" },
  })} where department_id = ${department.id}`;
  world.start();
  await world.emit("department.provisioned", department.id);
  expect(await settled(department.id, "failed")).toMatchObject({
    attempts: 1,
    last_error: "outbound_url_refused",
  });
});

describe("a dead endpoint", () => {
  test("does not delay the others, even with more messages than a worker has room for", async () => {
    const hanging: (() => void)[] = [];
    world.answer(
      "/dead",
      () => new Promise((done) => hanging.push(() => done(new Response(null, { status: 500 })))),
    );
    await world.addEndpoint("/dead");
    for (let n = 0; n < 50; n++) await world.emit("department.degraded");
    world.start({ roomMax: 8 });
    await until(() => hanging.length === 4);
    const well = await world.addEndpoint("/well");
    await world.emit("department.recovered");
    await settled(well.id, "delivered");
    expect(hanging).toHaveLength(4);
    for (const end of hanging) end();
  });
});

describe("a worker that dies", () => {
  test("after it sent: the message comes again with the same id, and what the dead one says later counts for nothing", async () => {
    const { edge, means } = world;
    const { id } = await world.addEndpoint("/killed");
    await world.emit("department.degraded");
    await fanOut(edge.deps.db.app);
    const [claimed] = await claimDeliveries(edge.deps.db.app, 10, 10);
    if (!claimed) throw new Error("nothing was claimed");
    const { outcome } = await sendDelivery(claimed, means, new AbortController().signal);
    expect([outcome, world.of("/killed").length]).toEqual([{ kind: "delivered", status: 204 }, 1]);
    world.answer("/killed", status(500));
    world.start();
    await edge.sql`update federation.webhook_delivery set due_at = now() where endpoint_id = ${id}`;
    await until(() => world.of("/killed").length === 2);
    await settled(id, "waiting");
    expect(await storeOutcome(edge.deps.db.app, claimed, outcome)).toBe("lost");
    expect(await first(id)).toMatchObject({ status: "waiting", attempts: 2, last_error: "http_500" });
    expect(new Set(world.of("/killed").map(idOf)).size).toBe(1);
  });

  test("by SIGKILL in the middle of a message: another one sends it again, same id, and it is delivered", async () => {
    const { edge } = world;
    world.answer("/sigkill", () => new Promise(() => {}));
    const { id } = await world.addEndpoint("/sigkill");
    await world.emit("department.degraded");
    const script = new URL("./deliverer-process.ts", import.meta.url).pathname;
    const { databaseUrl, gatewayUrl, adminUrl, kek } = edge.deps.config;
    const env = {
      DATABASE_URL: databaseUrl?.reveal(),
      DATABASE_GATEWAY_URL: gatewayUrl?.reveal(),
      DATABASE_ADMIN_URL: adminUrl?.reveal(),
      FEDERATION_KEK: kek?.reveal(),
      LOG_LEVEL: "silent",
    };
    const worker = Bun.spawn([process.execPath, script], { env, stdout: "ignore", stderr: "inherit" });
    await until(() => world.of("/sigkill").length === 1).finally(() => worker.kill("SIGKILL"));
    await worker.exited;
    expect(await first(id)).toMatchObject({ status: "sending", attempts: 1 });
    world.answer("/sigkill", status(200));
    world.start();
    // The clock: the dead worker's lease ends.
    await edge.sql`update federation.webhook_delivery set due_at = now() where endpoint_id = ${id}`;
    expect(await settled(id, "delivered")).toMatchObject({ attempts: 2 });
    expect(new Set(world.of("/sigkill").map(idOf)).size).toBe(1);
  });

  test("while its lease lasts is not overtaken", async () => {
    const { edge } = world;
    const { id } = await world.addEndpoint("/leased");
    await world.emit("department.degraded");
    await fanOut(edge.deps.db.app);
    expect(await claimDeliveries(edge.deps.db.app, 10, 10)).toHaveLength(1);
    expect(await claimDeliveries(edge.deps.db.app, 10, 10)).toHaveLength(0);
    expect(await first(id)).toMatchObject({ status: "sending" });
  });

  test("in peace gives its messages back, and the next one sends them at once and loses no attempt", async () => {
    const { edge } = world;
    const hanging: (() => void)[] = [];
    world.answer("/closing", () => new Promise((done) => hanging.push(() => done(new Response()))));
    const { id } = await world.addEndpoint("/closing");
    world.start();
    await world.emit("department.degraded");
    await until(() => hanging.length === 1);
    await world.stop();
    expect(await first(id)).toMatchObject({ status: "waiting", attempts: 0 });
    world.answer("/closing", status(200));
    world.start();
    await settled(id, "delivered");
    expect(await first(id)).toMatchObject({ attempts: 1 });
    for (const end of hanging) end();
    expect(edge.lines.join("").includes("whsec_")).toBe(false);
  });
});

test("after a rotation both secrets sign for a day, then the new one only", async () => {
  const { edge } = world;
  const { id, secret } = await world.addEndpoint("/rotated");
  const rotated = await edge.call("POST", `/api/v1/webhook-endpoints/${id}/rotate-secret`, {
    key: edge.adminKey,
    body: {},
  });
  world.start();
  await world.emit("department.degraded");
  const [both] = await until(() => world.of("/rotated").length > 0 && world.of("/rotated"));
  for (const one of [secret, rotated.json.secret])
    new Webhook(one).verify(both?.text ?? "", both?.headers ?? {});
  await edge.sql`update federation.webhook_secret set ends_at = ends_at - interval '24 hours' where ends_at is not null`;
  await world.emit("department.degraded");
  const [, later] = await until(() => world.of("/rotated").length > 1 && world.of("/rotated"));
  new Webhook(rotated.json.secret).verify(later?.text ?? "", later?.headers ?? {});
  expect(() => new Webhook(secret).verify(later?.text ?? "", later?.headers ?? {})).toThrow();
});

test("events older than 30 days are forgotten, except what still waits", async () => {
  const { edge } = world;
  const { id } = await world.addEndpoint("/old");
  await world.emit("department.degraded");
  await world.emit("department.recovered");
  await fanOut(edge.deps.db.app);
  await edge.sql`update federation.webhook_event set created_at = now() - interval '31 days'`;
  await edge.sql`update federation.webhook_delivery v set status = 'delivered', due_at = null
    from federation.webhook_event e where e.id = v.event_id and e.type = 'department.recovered'`;
  expect(await purgeWebhooks(edge.deps.db.app)).toBe(1);
  expect((await deliveriesOf(edge, id)).map(({ type }) => type)).toEqual(["department.degraded"]);
});

const idOf = ({ headers }: Received) => headers["webhook-id"];

async function offEvents(id: string): Promise<string[]> {
  const events = await world.edge
    .sql`select reason from audit.event where action = 'webhook_endpoint.off' and target = ${id}`;
  return events.map((event) => String(event["reason"]));
}

/** As a receiver would: the `v1a` signature against each published key. */
async function verifiedBy(keys: { x: string }[], message: Received | undefined): Promise<boolean> {
  const { headers = {}, text = "" } = message ?? {};
  const [, base64 = ""] = /v1a,(\S+)/.exec(headers["webhook-signature"] ?? "") ?? [];
  const content = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`);
  const checks = keys.map(async ({ x }) => {
    const key = await crypto.subtle.importKey("raw", Buffer.from(x, "base64url"), "Ed25519", false, [
      "verify",
    ]);
    return crypto.subtle.verify("Ed25519", key, Buffer.from(base64, "base64"), content);
  });
  return (await Promise.all(checks)).includes(true);
}
