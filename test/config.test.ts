import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment, loadConfig } from "../src/config.ts";
import { FederationError } from "../src/errors.ts";

let directory: string;
const file = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-config-"));
  await Bun.write(file("url"), "postgres://federation_app:p@db.example.com/federation\n");
  await Bun.write(file("empty"), "\n");
});

afterAll(() => rm(directory, { recursive: true }));

function pathsOf(env: Record<string, string>): unknown {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof FederationError)) throw error;
    return error.errors.map(({ path }) => path);
  }
}

test("a variable may be a file, without its last line break", () => {
  const config = loadConfig({ DATABASE_URL_FILE: file("url"), PORT_FILE: "" });
  expect(config.databaseUrl?.reveal()).toBe("postgres://federation_app:p@db.example.com/federation");
});

test("a file that is not there, empty, or beside the variable is named, and nothing of it shown", () => {
  expect(pathsOf({ DATABASE_URL_FILE: file("nowhere"), FEDERATION_KEK_FILE: file("empty") })).toEqual([
    "DATABASE_URL_FILE",
    "FEDERATION_KEK_FILE",
  ]);
  expect(pathsOf({ DATABASE_URL: "postgres://x/y", DATABASE_URL_FILE: file("url") })).toEqual([
    "DATABASE_URL_FILE",
  ]);
});

test("what a parent read from a file and hands on is not contradicted by the file", () => {
  process.env["FEDERATION_KEK_FILE"] = file("url");
  try {
    const env = childEnvironment({ FEDERATION_KEK: "handed on" });
    expect(loadConfig({ ...env, DATABASE_URL: "" }).kek?.reveal()).toBe("handed on");
  } finally {
    delete process.env["FEDERATION_KEK_FILE"];
  }
});

test("the administrator's password may be apart from the URL", () => {
  const url = "postgres://postgres@%2Frun%2Fpostgresql/federation";
  const config = loadConfig({ DATABASE_ADMIN_URL: url, DATABASE_ADMIN_PASSWORD: "p/w" });
  expect(config.adminUrl?.reveal()).toBe(url.replace("@", ":p%2Fw@"));
});

test("production takes a database over its unix socket, and no plain TCP", () => {
  const production = {
    FEDERATION_ENV: "production",
    PUBLIC_URL: "https://assistants.example.com",
    FEDERATION_KEK: "00".repeat(32),
  };
  expect(pathsOf({ ...production, DATABASE_URL: "postgres://a:b@%2Frun%2Fpostgresql/federation" })).toEqual(
    [],
  );
  expect(pathsOf({ ...production, DATABASE_URL: "postgres://a:b@postgres/federation" })).toEqual([
    "DATABASE_URL",
    "DATABASE_GATEWAY_URL",
    "DATABASE_ADMIN_URL",
  ]);
});

test("a host is not taken without what it needs", () => {
  expect(pathsOf({ HOSTS: "docker" })).toEqual(["AGENT_IMAGE"]);
  expect(pathsOf({ HOSTS: "local,railway" })).toEqual(["AGENT_IMAGE"]);
});

test("several tokens of Railway are one variable, and none of them is shown", () => {
  const config = loadConfig({ RAILWAY_API_TOKEN: " token-a, token-b,", RAILWAY_WORKSPACES: "w1,w2" });
  expect(config.railway.tokens.map((token) => token.reveal())).toEqual(["token-a", "token-b"]);
  expect(config.railway.workspaces).toEqual(["w1", "w2"]);
  expect(JSON.stringify(config.railway)).not.toContain("token-a");
});
