// Secrets with known values go through every endpoint, well used and misused; afterwards none of them may lie anywhere.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import { secretPlace } from "../../src/departments/department-secret.ts";
import { ownServer } from "../crash/own-server.ts";
import { departmentBody, randomSlug, runOf, type TestRun, untilRun } from "../crash/department.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";
import { type FakeGoogle, startFakeGoogle } from "../fakes/google/start-fake-google.ts";
import { findSecrets, readStores } from "./find-in-stores.ts";

const minted = z.object({ id: z.string(), key_id: z.string(), key: z.string() });
const token = z.object({ access_token: z.string() });
const routes = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
const methods = ["get", "post", "put", "delete"] as const;

const secrets = new Map<string, string>();
const keep = (name: string, secret: string) => {
  secrets.set(name, secret);
  return secret;
};

let server: Awaited<ReturnType<typeof ownServer>>;
let installation: Installation;
let google: FakeGoogle;
let receiver: ReturnType<typeof Bun.serve>;
beforeAll(async () => {
  // Every statement with every parameter: more than any administrator would log.
  server = await ownServer({ log_statement: "all", log_parameter_max_length_on_error: "-1" });
  google = await startFakeGoogle();
  receiver = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("ok") });
  const environment = { OAUTH_ISSUER: google.issuer, OUTBOUND_ALLOW: `127.0.0.1:${receiver.port}` };
  installation = await startInstallation({ workers: 1, database: server, environment });
  keep("key-encryption key", installation.config.kek?.reveal() ?? "");
  keep("admin's key", secretPart(installation.key.reveal()));
}, 60_000);
afterAll(async () => {
  await installation?.close();
  await server?.close();
  await google?.close();
  await receiver?.stop(true);
});

test("no secret that went through any endpoint lies in a log, the queue, the audit, a table, a file or a command line", async () => {
  const run = await provision();
  await keepDepartmentSecrets(run);
  const key = await mintAndUse(run);
  await consentAtGoogle(run);
  await makeWebhooks(run);
  await addSlack();
  await addInstance();
  await rotateKeys(run);
  await misuseEveryRoute(run, key);
  const stores = await readStores({
    directories: [installation.directory],
    postgresLog: server.logFile,
    sql: installation.sql,
  });
  expect(stores.find(({ name }) => name === "Postgres log")?.text).toContain(run.department);
  expect(stores.find(({ name }) => name === "file web.log")?.text).toContain("request");
  expect(secrets.size).toBeGreaterThan(18);
  expect(findSecrets(stores, secrets)).toEqual([]);
}, 60_000);

test("the search itself finds a secret as it is, as base64, as hex and inside a longer text", () => {
  const secret = "a-secret-that-is-long-enough";
  const hidden = {
    plain: `x ${secret} y`,
    base64: Buffer.from(`{"key":"${secret}"}`).toString("base64"),
    hex: Buffer.from(secret).toString("hex"),
  };
  const stores = Object.entries(hidden).map(([name, text]) => ({ name, text }));
  expect(findSecrets(stores, new Map([["it", secret]]))).toEqual(["plain: it", "base64: it", "hex: it"]);
});

const secretPart = (key: string) => key.split("_")[3] ?? "";

async function provision(): Promise<TestRun> {
  const body = {
    ...departmentBody(randomSlug(), { database: { direct_access: true } }),
    enabled_tools: ["email", "database"],
  };
  const run = runOf(await installation.client.send("POST", "/provision-department", body));
  await untilRun(installation, run.id, "succeeded");
  return run;
}

/** What the platform made for the department: sealed, so it has to be opened to be known. */
async function keepDepartmentSecrets({ department }: TestRun): Promise<void> {
  const rows = await installation.sql<
    { name: "agent_key" | "agent_token" | "database_password"; sealed: string }[]
  >`
    select name, sealed from federation.department_secret where department_id = ${department}`;
  for (const { name, sealed } of rows) {
    const text = await installation.vault.open(secretPlace(department, name), sealed);
    keep(name, name === "agent_key" ? secretPart(text) : text);
  }
  await installation.client.get(`/departments/${department}/database-access`);
}

async function mintAndUse(run: TestRun): Promise<z.infer<typeof minted>> {
  const request = {
    name: "canary",
    department_id: run.slug,
    scopes: ["departments:read", "query"],
    expires_in_days: 1,
  };
  const key = minted.parse(await installation.client.send("POST", "/api-keys", request));
  const secret = keep("minted key", secretPart(key.key));
  const basic = `Basic ${Buffer.from(`${key.key_id}:${secret}`).toString("base64")}`;
  const got = await send("POST", "/api/v1/token", { authorization: basic });
  const text = keep("access token", token.parse(await got.json()).access_token);
  await send("GET", `/api/v1/departments/${run.slug}`, { authorization: `Bearer ${text}` });
  await send("POST", "/api/v1/token", {}, JSON.stringify({ client_id: key.key_id, client_secret: key.key }));
  return key;
}

/** A consent from link to token, and the token as the agent gets it. */
async function consentAtGoogle({ slug, department }: TestRun): Promise<void> {
  const { url, client } = installation;
  const redirectUri = `${url}/oauth/callback`;
  const own = google.addClient({ redirectUris: [redirectUri] });
  keep("client secret", own.clientSecret);
  const body = { client_id: own.clientId, client_secret: own.clientSecret };
  await client.send("PUT", `/departments/${slug}/oauth-client`, body);
  const started = z.object({ consent_url: z.string() });
  const { consent_url } = started.parse(await client.get(`/oauth/google/start?department_id=${slug}`));
  keep("consent ticket", consent_url.split("/").at(-1) ?? "");
  const opened = await send("POST", new URL(consent_url).pathname, { origin: new URL(url).origin });
  const location = new URL(opened.headers.get("location") ?? "");
  keep("state", location.searchParams.get("state") ?? "");
  const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
  keep("browser", cookie.split("=")[1] ?? "");
  const back = new URL((await fetch(location, { redirect: "manual" })).headers.get("location") ?? "");
  keep("code", back.searchParams.get("code") ?? "");
  const finished = await send("GET", back.pathname + back.search, { cookie });
  expect(finished.status).toBe(200);
  for (const [at, token] of [...google.store.refreshTokens.keys()].entries())
    keep(`refresh token ${at}`, token);
  const agentKey = await installation.sql<{ sealed: string }[]>`
    select sealed from federation.department_secret where department_id = ${department} and name = 'agent_key'`;
  const key = await installation.vault.open(secretPlace(department, "agent_key"), agentKey[0]?.sealed ?? "");
  // A key that was just activated counts as pending for a second more.
  await until("the agent gets a token", async () => {
    const given = await send("POST", "/api/v1/oauth/google/token", { authorization: `Bearer ${key}` });
    return given.status === 200;
  });
  for (const [at, token] of [...google.store.accessTokens.keys()].entries())
    keep(`google access token ${at}`, token);
}

const whsec = z.object({ id: z.string(), secret: z.string() });

/** Secrets of endpoints and sources, new and rotated, one of them used for a delivery. */
async function makeWebhooks({ slug }: TestRun): Promise<void> {
  const { client } = installation;
  const body = {
    url: `http://127.0.0.1:${receiver.port}/hook`,
    types: ["department.degraded"],
    department_id: slug,
  };
  const made = whsec.parse(await client.send("POST", "/webhook-endpoints", body));
  const rotated = whsec.parse(await client.send("POST", `/webhook-endpoints/${made.id}/rotate-secret`, {}));
  await client.send("POST", `/webhook-endpoints/${made.id}/test`, {});
  const source = { name: "canary", department_id: slug, events: ["tool_result"] };
  const inbound = whsec.parse(await client.send("POST", "/webhook-sources", source));
  for (const [name, { secret }] of Object.entries({ made, rotated, inbound })) {
    keep(`webhook secret, ${name}`, secret.replace("whsec_", ""));
    keep(`webhook key, ${name}`, Buffer.from(secret.replace("whsec_", ""), "base64").toString("hex"));
  }
}

/** The URL of a Slack-compatible receiver is a secret of its own. */
async function addSlack(): Promise<void> {
  const path = keep("slack url", crypto.randomUUID());
  const body = { url: `http://127.0.0.1:${receiver.port}/services/${path}`, format: "slack" };
  const { id } = z
    .object({ id: z.string() })
    .parse(await installation.client.send("POST", "/webhook-endpoints", body));
  await installation.client.send("POST", `/webhook-endpoints/${id}/test`, {});
}

/** The key of an n8n instance, once as it should be and once with a field too much. */
async function addInstance(): Promise<void> {
  const authorization = `Bearer ${installation.key.reveal()}`;
  const body = { base_url: "http://n8n.example.org", api_key: keep("n8n key", crypto.randomUUID()) };
  for (const [sent, status] of [[body, 201] as const, [{ ...body, other: 1 }, 422] as const]) {
    const reply = await send("POST", "/api/v1/n8n-instances", { authorization }, JSON.stringify(sent));
    expect(reply.status).toBe(status);
  }
}

/** Everything is opened and sealed anew under other keys. */
async function rotateKeys({ slug }: TestRun): Promise<void> {
  const rotation = z.object({ id: z.string() });
  const { client } = installation;
  const started = rotation.parse(await client.send("POST", "/keys/rotate", { department_id: slug }));
  await until("the keys are rotated", async () => {
    const { status } = await client.get(`/key-rotations/${started.id}`);
    return status === "succeeded";
  });
  await send("GET", "/api/v1/audit/export", { authorization: `Bearer ${installation.key.reveal()}` });
}

/** Secrets where they do not belong: in other headers, unknown fields, broken JSON, the wrong scheme, a wrong method. */
async function misuseEveryRoute(run: TestRun, key: z.infer<typeof minted>): Promise<void> {
  const wrong = keep("mistyped secret", `${secretPart(key.key).slice(0, -1)}~`);
  const stray = keep("stray secret", crypto.randomUUID());
  const bodies = [
    `{"client_id":"${key.key_id}","client_secret":"${wrong}","${stray}":1}`,
    `{"client_id":"${key.key_id}","key":"${stray}"`,
    `"${stray}"`,
  ];
  const callers = [
    { authorization: `Bearer ${installation.key.reveal()}` },
    { authorization: `Bearer ${key.key}` },
    { authorization: `Bearer ${key.key.slice(0, -9)}${stray}` },
    { authorization: `Basic ${Buffer.from(`${key.key_id}:${wrong}`).toString("base64")}` },
    {
      authorization: stray,
      cookie: `session=${stray}`,
      "x-api-key": key.key,
      "webhook-signature": `v1,${stray}`,
    },
  ];
  for (const path of await pathsOf(run)) {
    for (const method of methods) {
      for (const headers of callers) {
        await Promise.all(
          (method === "get" ? [undefined] : bodies).map((body) =>
            send(method.toUpperCase(), path, headers, body),
          ),
        );
      }
    }
  }
}

async function pathsOf({ slug, id }: TestRun): Promise<string[]> {
  const document = routes.parse(await (await fetch(new URL("/openapi.json", installation.url))).json());
  const paths = Object.keys(document.paths).map((path) =>
    path.replace("{id}", path.includes("/departments/") ? slug : id).replace(/\{\w+\}/, slug),
  );
  return paths.filter((path) => !path.endsWith("/events") && !path.includes("/deprovision/"));
}

async function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Response> {
  const response = await fetch(new URL(path, installation.url), {
    method,
    redirect: "manual",
    headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body }),
  });
  if (path !== "/api/v1/token") await response.body?.cancel();
  return response;
}
