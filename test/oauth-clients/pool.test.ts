import { afterAll, beforeAll, expect, test } from "bun:test";
import { forgetCredential } from "../../src/credentials/forget.ts";
import { withTx } from "../../src/db/tx.ts";
import { type ConsentWorld, consentWorld } from "../credentials/consent-world.ts";

let world: ConsentWorld;
beforeAll(async () => {
  world = await consentWorld();
});
afterAll(() => world.close());

const post = (body: object) =>
  world.edge.call("POST", "/api/v1/oauth-clients", { key: world.edge.adminKey, body });
const list = async () =>
  (await world.edge.call("GET", "/api/v1/oauth-clients?limit=100", { key: world.edge.adminKey })).json
    .items as {
    id: string;
    client_id: string;
    status: string;
    department_id: string | null;
    project: string;
  }[];
const statusOf = async (clientId: string) =>
  (await list()).find(({ client_id }) => client_id === clientId)?.status;
const retireAll = async () => {
  for (const { id, status } of await list())
    if (status === "free" || status === "cooling")
      await world.edge.call("POST", `/api/v1/oauth-clients/${id}/retire`, { key: world.edge.adminKey });
};

test("Google's downloaded file is taken as it is; one without our redirect URI or of another kind is not", async () => {
  const file = (redirect: string) => ({
    web: {
      client_id: `${crypto.randomUUID()}.apps.googleusercontent.com`,
      project_id: "acme-aio-1",
      auth_uri: "https://accounts.google.com/o/oauth2/auth",
      token_uri: "https://oauth2.googleapis.com/token",
      auth_provider_x509_cert_url: "https://www.googleapis.com/oauth2/v1/certs",
      client_secret: "GOCSPX-very-secret-indeed",
      redirect_uris: [redirect],
    },
  });
  const added = await post(file(`${world.origin}/oauth/callback`));
  expect([added.status, added.json.project, added.text.includes("GOCSPX")]).toEqual([
    201,
    "acme-aio-1",
    false,
  ]);
  const wrong = await post(file("https://example.org/other"));
  expect([wrong.status, wrong.json.code]).toEqual([422, "redirect_uri_missing"]);
  expect((await post({ installed: file("x").web })).status).toBe(422);
  const [row] = await world.edge
    .sql`select secret_sealed from federation.oauth_client where id = ${added.json.id}`;
  expect(row?.["secret_sealed"]).toStartWith("fedc1.");
  expect(world.edge.lines.join("")).not.toContain("GOCSPX");
  await retireAll();
});

test("a client is known once, and a retired one has no secret any more", async () => {
  const client = await world.addClient();
  expect((await post({ client_id: client.clientId, client_secret: "x" })).status).toBe(409);
  const retired = await world.edge.call("POST", `/api/v1/oauth-clients/${client.id}/retire`, {
    key: world.edge.adminKey,
  });
  expect(retired.json.status).toBe("retired");
  expect(
    await world.edge
      .sql`select from federation.oauth_client where id = ${client.id} and secret_sealed is null`,
  ).toHaveLength(1);
});

test("a client of a project that no other department uses is leased first", async () => {
  await retireAll();
  const [first, second] = [await world.addDepartment(), await world.addDepartment()];
  await world.addClient("shared");
  await world.addClient("shared");
  const alone = await world.addClient("alone");
  await world.start(first);
  await world.start(second);
  expect(await statusOf(alone.clientId)).toBe("leased");
});

test("an unused client goes back to the pool, a used one cools down first, an own one ends with its secret", async () => {
  await retireAll();
  const department = await world.addDepartment();
  const forget = () => withTx(world.edge.deps.db.app, (tx) => forgetCredential(tx, department.id));
  const client = await world.addClient();
  await world.start(department);
  await forget();
  expect(await statusOf(client.clientId)).toBe("free");
  await world.consent(department);
  await forget();
  expect(await statusOf(client.clientId)).toBe("cooling");
  const own = world.google.addClient({ redirectUris: [`${world.origin}/oauth/callback`] });
  const brought = await world.edge.call("PUT", `/api/v1/departments/${department.slug}/oauth-client`, {
    key: department.adminKey,
    body: { client_id: own.clientId, client_secret: own.clientSecret },
  });
  expect(brought.json).toMatchObject({ origin: "own", status: "leased" });
  expect((await world.consent(department)).status).toBe(200);
  await forget();
  expect(await statusOf(own.clientId)).toBe("retired");
});

test("a revocation spares another department of the same account and project, and reaches Google otherwise", async () => {
  await retireAll();
  world.google.person.account = { subject: "shared-account", email: "s@example.org" };
  const [one, two] = [await world.addDepartment(), await world.addDepartment()];
  await world.addClient("one-project");
  await world.addClient("one-project");
  await world.consent(one);
  await world.consent(two);
  const revoke = (department: typeof one) =>
    world.edge.call("DELETE", "/api/v1/oauth/google", { key: department.adminKey });
  const before = world.google.counts.revoke;
  expect((await revoke(one)).status).toBe(204);
  expect(world.google.counts.revoke).toBe(before);
  expect(await world.show(two)).toMatchObject({ status: "active" });
  expect(await world.show(one)).toBeUndefined();
  expect((await revoke(two)).status).toBe(204);
  expect(world.google.counts.revoke).toBe(before + 1);
  expect((await revoke(two)).status).toBe(404);
  const events = await world.edge.sql`select meta::jsonb ->> 'revocation' as revocation from audit.event
    where action = 'credential.revoke' and stream in (${one.id}, ${two.id}) order by at_us`;
  expect(events.map(({ revocation }) => String(revocation))).toEqual(["kept_for_others", "revoked"]);
});

test("the pool is the platform's: a department's admin sees neither it nor another department's credential", async () => {
  const [one, two] = [await world.addDepartment(), await world.addDepartment()];
  expect((await world.edge.call("GET", "/api/v1/oauth-clients", { key: one.adminKey })).status).toBe(403);
  expect(
    (await world.edge.call("GET", `/api/v1/departments/${two.slug}/credentials`, { key: one.adminKey }))
      .status,
  ).toBe(404);
});
