import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { RailwayClient, ServicePlace } from "../../../src/providers/railway/railway.ts";
import type { Fault } from "../../fakes/railway/faults.ts";
import { callOf, errorOf, fastPace, kindOf, type RailwayWorld, railwayWorld } from "./railway-world.ts";

let world: RailwayWorld;
let client: RailwayClient;
let at: ServicePlace;
beforeAll(async () => {
  world = await railwayWorld();
  client = world.connect();
  const { workspaceId } = world;
  const wanted = { workspaceId, name: "errors", description: "", environmentName: "production" };
  const project = await client.createProject(wanted, callOf());
  const environmentId = project.environments[0]?.id ?? "";
  const service = { projectId: project.id, environmentId, name: "agent" };
  const { id: serviceId } = await client.createService(service, callOf());
  at = { projectId: project.id, environmentId, serviceId };
});
afterAll(() => world.close());

const requests = (operation: string) => world.fake.controls.counts.requests[operation] ?? 0;
const failNext = (operation: string, fault: Partial<Fault>) =>
  world.fake.controls.failNext(operation, { kind: "error", happened: false, ...fault });
/** A client of an endpoint that answers everything with this. */
const answered = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  world.connect({
    send: () =>
      Promise.resolve(
        new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers }),
      ),
  });

const deploy = (by = client) => by.deploy(at, callOf());
const list = (by = client) => by.listProjects(world.workspaceId, callOf());

describe("Railway's words, which come with HTTP 200 and always the same code, mean:", () => {
  test.each([
    ["Not Authorized", "unseen"],
    ["ServiceInstance not found", "unseen"],
    ["Problem processing request", "unseen"],
    ["Project Token not found", "unauthorized"],
    ['A service named "agent" already exists in this project', "exists"],
    ["Cannot redeploy yet, please wait for the original deployment to finish building", "not_ready"],
    ["Unable to delete: an operation is already in progress", "not_ready"],
    ["Two Factor Authentication Required", "refused"],
    ["Invalid service name", "refused"],
    ["Internal server error", "ambiguous"],
  ])("%s: %s", async (message, kind) => {
    failNext("serviceInstanceDeployV2", { message });
    const error = await errorOf(deploy());
    expect(error).toMatchObject({ kind, operation: "serviceInstanceDeployV2" });
    expect(error.message).not.toContain(message);
    expect(error.cause).toStartWith(message);
  });

  test("of what is the token's, nothing is unseen: the token is not accepted", async () => {
    failNext("projects", { message: "Not Authorized" });
    expect(await kindOf(list())).toBe("unauthorized");
    const error = await errorOf(world.connect({ tokens: ["nobody's"] }).listWorkspaces(callOf()));
    expect(error).toMatchObject({ kind: "unauthorized", retryable: false });
    expect(error.message).toContain("project token");
  });

  test("that Railway cannot process a list is no word about the token, and may pass", async () => {
    failNext("projects", { message: "Problem processing request" });
    expect(await errorOf(list())).toMatchObject({ kind: "unseen", retryable: true });
  });

  test("that two factors are wanted is told in words for whoever owns the token", async () => {
    failNext("serviceInstanceDeployV2", { message: "Two Factor Authentication Required" });
    expect((await errorOf(deploy())).message).toContain("two-factor authentication");
  });
});

describe("without a usable answer, a change may have happened and is not sent again:", () => {
  test.each([
    ["a 504 that did happen", "504", true],
    ["a 504 that did not", "504", false],
    ["a dropped answer to what happened", "drop", true],
    ["a dropped request", "drop", false],
  ] as const)("%s", async (_, kind, happened) => {
    const before = requests("serviceInstanceDeployV2");
    failNext("serviceInstanceDeployV2", { kind, happened });
    expect(await errorOf(deploy())).toMatchObject({ kind: "ambiguous", retryable: true });
    expect(requests("serviceInstanceDeployV2")).toBe(before + 1);
  });

  test.each([
    ["a server error", 500, ""],
    ["a page of somebody else's", 200, "<html>"],
    ["neither data nor errors", 200, { data: null }],
    ["a reply of another form", 200, { data: { serviceInstanceDeployV2: 7 } }],
  ])("%s", async (_, status, body) => {
    expect(await kindOf(deploy(answered(status, body)))).toBe("ambiguous");
    expect(await kindOf(list(answered(status, body)))).toBe("unavailable");
  });

  test("an answer that is too large", async () => {
    const client = answered(200, "x".repeat(8 * 1024 * 1024 + 1));
    expect(await kindOf(deploy(client))).toBe("ambiguous");
  });

  test("no answer in time", async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Promise(() => {}) });
    try {
      const pace = fastPace({ timeoutSeconds: 0.1 });
      const slow = world.connect({ endpoint: server.url.href, pace });
      expect(await errorOf(deploy(slow))).toMatchObject({ kind: "ambiguous", cause: "timeout" });
    } finally {
      await server.stop(true);
    }
  });
});

describe("what was not carried out for certain", () => {
  test("a question whose answer got lost is asked again, and fails in the end", async () => {
    failNext("projects", { kind: "504" });
    failNext("projects", { kind: "drop" });
    expect((await list()).map(({ id }) => id)).toEqual([at.projectId]);
    const before = requests("projects");
    for (let n = 0; n < 3; n++) failNext("projects", { kind: "504" });
    expect(await errorOf(list())).toMatchObject({ kind: "unavailable", retryable: true });
    expect(requests("projects")).toBe(before + 3);
  });

  test("where nobody listens nothing has happened, not even a change", async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    const endpoint = server.url.href;
    await server.stop(true);
    expect(await kindOf(deploy(world.connect({ endpoint })))).toBe("unavailable");
  });
});

describe("refusals that no second try changes:", () => {
  test("an operation that Railway does not know is told as ours, or as a change of its API", async () => {
    const body = {
      errors: [{ message: "Cannot query field", extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
    };
    const error = await errorOf(deploy(answered(400, body)));
    expect(error).toMatchObject({ kind: "refused", retryable: false });
    expect(error.message).toContain("its API has changed");
  });

  test.each([
    [401, "unauthorized"],
    [403, "unauthorized"],
    [302, "refused"],
    [413, "refused"],
  ])("HTTP %p: %s", async (status, kind) => {
    const error = await errorOf(deploy(answered(status, "", { location: "https://elsewhere.example" })));
    expect(error).toMatchObject({ kind, retryable: false });
  });
});

describe("a token that is no longer accepted", () => {
  // Railway says "Not Authorized" to it, as it does of what is gone.
  const revoked = () => world.connect({ tokens: ["revoked"] });

  test("finds nothing gone", async () => {
    expect(await kindOf(revoked().findProject(at.projectId, callOf()))).toBe("unauthorized");
    expect(await kindOf(revoked().findServiceInstance(at, callOf()))).toBe("unauthorized");
  });

  test("deletes nothing, and does not say so", async () => {
    expect(await kindOf(revoked().deleteProject(at.projectId, "now", callOf()))).toBe("unauthorized");
    expect(await kindOf(revoked().removeDeployment(crypto.randomUUID(), callOf()))).toBe("unauthorized");
  });
});

describe("no error holds a secret:", () => {
  const canary = "canary-5f2b7c";
  const shown = (error: Error) => inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);

  test("not the values of variables, which Railway may repeat", async () => {
    failNext("variableCollectionUpsert", { message: `Invalid value ${canary} for KEY` });
    const error = await errorOf(client.setVariables(at, { KEY: canary }, callOf()));
    expect(error).toMatchObject({ kind: "refused" });
    expect(shown(error)).not.toContain(canary);
    expect(String(error.cause)).toMatch(/trace \d+/);
  });

  test("not the token, whatever goes wrong", async () => {
    const tokens = [canary];
    const echo = (status: number) => ({
      tokens,
      send: () => Promise.resolve(Response.json({ errors: [{ message: `What is ${canary}?` }] }, { status })),
    });
    const network = { tokens, send: () => Promise.reject(new Error(`Bearer ${canary}`)) };
    for (const options of [echo(200), echo(400), echo(401), echo(500), network])
      expect(shown(await errorOf(deploy(world.connect(options))))).not.toContain(canary);
    expect(JSON.stringify(await world.sql`select * from federation.call_budget`)).not.toContain(canary);
  });
});

describe("a caller that gives up", () => {
  let gone: AbortController;
  beforeEach(() => {
    gone = new AbortController();
  });
  afterEach(() => gone.abort());

  test("before anything was sent has its own reason back", async () => {
    gone.abort(new Error("lease lost"));
    const before = requests("serviceInstanceDeployV2");
    const call = callOf("department", { signal: gone.signal });
    expect((await errorOf(client.deploy(at, call))).message).toBe("lease lost");
    expect(requests("serviceInstanceDeployV2")).toBe(before);
  });

  test("afterwards does not know whether it happened", async () => {
    const call = callOf("department", { signal: gone.signal });
    const send = (_: string, { signal }: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
        gone.abort();
      });
    expect(await kindOf(world.connect({ send }).deploy(at, call))).toBe("ambiguous");
  });
});
