import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { createEngine, type EngineFetch } from "../../../../src/providers/hosts/docker/engine.ts";
import { EngineError } from "../../../../src/providers/hosts/docker/engine-error.ts";
import { FederationError } from "../../../../src/errors.ts";
import { type FakeEngine, startFakeEngine } from "../../../fakes/docker/start-fake-engine.ts";

let fake: FakeEngine;
beforeAll(async () => {
  fake = await startFakeEngine();
});
afterAll(() => fake.close());

const { signal } = new AbortController();
const create = { method: "POST", path: "/services/create", body: {}, signal } as const;
const thrown = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof FederationError ? error : undefined),
  );
/** An engine that gives one answer to everything but the ping. */
const answering =
  (status: number, body: string, apiVersion = "1.41"): EngineFetch =>
  (url) =>
    Promise.resolve(
      url.endsWith("/_ping")
        ? new Response("OK", { headers: { "api-version": apiVersion } })
        : new Response(body, { status }),
    );

test.each([
  [500, "rpc error: code = Unknown desc = update out of sequence", "out_of_sequence", true],
  [500, "rpc error: code = Unknown desc = name conflicts with an existing object", "conflict", true],
  [409, "rpc error: code = AlreadyExists desc = secret x already exists", "conflict", true],
  [400, "rpc error: code = FailedPrecondition desc = network x is in use by task y", "in_use", true],
  [404, "service x not found", "not_found", false],
  [500, "network x not found", "not_found", false],
  [500, "container x is not connected to network y", "not_found", false],
  [503, "This node is not a swarm manager.", "unavailable", true],
  [500, "rpc error: code = Unknown desc = the swarm does not have a leader", "unavailable", true],
  [400, "invalid mount config", "refused", false],
  [403, "forbidden", "refused", false],
])("an answer of %d %j means %s", async (status, message, kind, retryable) => {
  const engine = createEngine({ host: fake.host, fetch: answering(status, JSON.stringify({ message })) });
  const error = await thrown(engine.run(create));
  expect(error).toMatchObject({ code: `docker_${kind}`, retryable });
  expect(error?.message).not.toContain(message);
  expect(String(error?.cause)).toContain(message);
});

test.each(["no json", '[{"ID":1}]', ""])(
  "an answer of %j that does not fit is worth another try",
  async (body) => {
    const engine = createEngine({ host: fake.host, fetch: answering(200, body) });
    const error = await thrown(
      engine.json(z.array(z.object({ ID: z.string() })), { path: "/services", signal }),
    );
    expect(error).toMatchObject({ code: "docker_malformed", retryable: true });
  },
);

test("an engine that is not there or breaks off is worth another try", async () => {
  const nowhere = createEngine({ host: `${fake.host}.gone` });
  expect(await thrown(nowhere.run(create))).toMatchObject({ code: "docker_unreachable", retryable: true });
  const engine = createEngine({ host: fake.host });
  fake.failNext("POST /secrets/create", "lost");
  const broken = engine.run({ method: "POST", path: "/secrets/create", body: { Labels: {} }, signal });
  expect(await thrown(broken)).toMatchObject({ code: "docker_unreachable", retryable: true });
});

test("an engine that does not answer is given up", async () => {
  const engine = createEngine({ host: fake.host, timeoutMs: 50 });
  await engine.apiMinor(signal);
  fake.failNext("GET /networks", "hang");
  const hanging = engine.bytes({ path: "/networks", signal });
  expect(await thrown(hanging)).toMatchObject({ code: "docker_timeout", retryable: true });
});

test("a caller that gives up gets its own reason, before and during the call", async () => {
  const engine = createEngine({ host: fake.host });
  await engine.apiMinor(signal);
  fake.failNext("GET /networks", "hang");
  const aborting = new AbortController();
  const hanging = engine.bytes({ path: "/networks", signal: aborting.signal });
  const reason = new Error("lease lost");
  aborting.abort(reason);
  await expect(hanging).rejects.toBe(reason);
  await expect(engine.bytes({ path: "/networks", signal: aborting.signal })).rejects.toBe(reason);
});

describe("the API's version", () => {
  test.each([
    ["1.41", 41],
    ["1.44", 44],
    ["1.99", 51],
  ])("of an engine of %s is the newest both know: 1.%d", async (version, minor) => {
    const engine = createEngine({ host: fake.host, fetch: answering(200, "[]", version) });
    expect(await engine.apiMinor(signal)).toBe(minor);
  });

  test("below 1.41 is refused for good", async () => {
    const engine = createEngine({ host: fake.host, fetch: answering(200, "[]", "1.40") });
    expect(await thrown(engine.run(create))).toMatchObject({ code: "docker_too_old", retryable: false });
  });

  test("is asked for again when the engine has given it up", async () => {
    let pings = 0;
    const send: EngineFetch = async (url, init) => {
      if (url.endsWith("/_ping")) pings += 1;
      return await answering(400, '{"message":"client version 1.41 is too old"}')(url, init);
    };
    const engine = createEngine({ host: fake.host, fetch: send });
    await thrown(engine.run(create));
    await thrown(engine.run(create));
    expect(pings).toBe(2);
  });
});

describe("the engine's address", () => {
  test.each(["tcp://10.0.0.7:2375", "http://127.0.0.1:2375", "ssh://host", "tcp://", "docker.sock"])(
    "%s is refused without certificates",
    (host) => {
      expect(() => createEngine({ host })).toThrow("DOCKER_HOST");
    },
  );

  test("with certificates that cannot be read is refused and names the file", async () => {
    const directory = await mkdtemp(join(tmpdir(), "federation-certs-"));
    expect(() => createEngine({ host: "tcp://10.0.0.7:2376", certPath: directory })).toThrow("ca.pem");
    await rm(directory, { recursive: true });
  });

  test("over TCP is called past the proxy of the environment", async () => {
    const seen: unknown[] = [];
    const send: EngineFetch = async (url, init) => {
      seen.push(init.proxy);
      return await answering(200, "[]")(url, init);
    };
    await createEngine({ host: "tcp://127.0.0.1:2375", fetch: send }).apiMinor(signal);
    expect(seen).toEqual([false]);
  });
});

test("what the engine says is cut off before it fills a log", () => {
  expect(String(new EngineError("refused", "x".repeat(10_000)).cause)).toHaveLength(500);
});
