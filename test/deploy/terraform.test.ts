import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { environment } from "../../src/config/environment.ts";
import { findProblems, parseModule, resourcesOf } from "./find-problems.ts";
import { runTerraform, terraform } from "./run-terraform.ts";

/** What templates/terraform promises, read with Terraform's own parser: the provider cannot be had without internet. */
const root = join(import.meta.dir, "../..");
const templates = join(root, "templates/terraform");
const read = (path: string) => Bun.file(join(root, path)).text();
const files = await Promise.all(
  ["versions", "variables", "main", "outputs"].map((name) =>
    read(`templates/terraform/control-plane/${name}.tf`),
  ),
);
const source = files.join("\n");
const parsed = await parseModule(source);
const locals = z.record(z.string(), z.json()).parse(Object.assign({}, ...parsed.locals));

test("the module names only what it declares, sets what the provider has, and holds no secret", async () => {
  expect(resourcesOf(parsed).length).toBeGreaterThan(8);
  expect(await findProblems(source)).toEqual([]);
});

describe("found in a module that is wrong:", () => {
  const mistakes: [name: string, from: string | RegExp, to: string, problem: string][] = [
    ["a resource", '"railway_tcp_proxy" "postgres"', '"railway_proxy" "postgres"', "has no railway_proxy"],
    ["an argument", "target_port ", "port        ", "railway_custom_domain.web: there is no port"],
    ["one that can only be read", "application_port =", "proxy_port =", "there is no proxy_port"],
    ["a nested argument", "mount_path =", "path =", "railway_service.worker.volume: there is no path"],
    ["an absence", /^ {2}subdomain .*$/m, "", "railway_service_domain.web: subdomain is required"],
    [
      "two that conflict",
      "volume = {",
      'config_path = "railway.json"\n  volume = {',
      "source_image conflicts with config_path",
    ],
    ["an attribute", "domain.zone", "domain.zones", "railway_custom_domain: there is no zones"],
    ["an attribute of a reference", "[*].domain)", "[*].url)", "there is no url"],
    ["a reference", "railway_service.worker[0].id", "railway_service.workers[0].id", "is not declared"],
    ["a variable", "var.hosts", "var.host", "var.host is not declared"],
    ["a variable nobody reads", "var.hosts", '["railway"]', "var.hosts is not used"],
    ["a local", "local.regions", "local.region", "local.region is not declared"],
    ["an open variable", /(variable "kek" [^}]*)sensitive *= true/, "$1", "var.kek is not sensitive"],
    ["a secret", "= var.database_url", '= "postgres://app:x@db/f"', "DATABASE_URL is not from a sensitive"],
    ["another", "= var.database_provisioner_url", '= "x"', "DATABASE_ADMIN_URL is not from a sensitive"],
    [
      "an import of nothing",
      /$/,
      '\nimport {\n  to = railway_service.x\n  id = "1"\n}\n',
      "imported, not declared",
    ],
  ];
  test.each(mistakes)("%s", async (_name, from, to, problem) => {
    const wrong = source.replace(from, to);
    expect(wrong).not.toBe(source);
    expect((await findProblems(wrong)).join("\n")).toContain(problem);
  });
});

const settingsOf = (name: string) => {
  const value = locals[name];
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return new Map(
    [...text.matchAll(/"?\b([A-Z][A-Z_\d]+)"?\s*[=:]\s*"?([^"\n]*)/g)].map(([, key = "", set = ""]) => [
      key,
      set,
    ]),
  );
};

test("web, worker and release are given variables that src/config.ts reads, and few that Railway or the image do", async () => {
  const variables = Object.keys(environment.shape);
  const given = ["control_plane", "web", "worker", "release"].flatMap((name) => [...settingsOf(name).keys()]);
  expect(given).toContain("FEDERATION_KEK");
  const others = given.filter((name) => !variables.includes(name));
  expect([...new Set(others)].toSorted()).toEqual([
    "COMMAND",
    "RAILWAY_DEPLOYMENT_DRAINING_SECONDS",
    "RAILWAY_RUN_UID",
  ]);
});

test("the services run the commands of the Procfile, and are left the time to end", async () => {
  const procfile = await read("Procfile");
  const commands = ["worker", "release"].map((name) => `${name}: ${settingsOf(name).get("COMMAND")}`);
  expect(commands).toEqual(procfile.trim().split("\n").slice(1));
  expect(settingsOf("web").has("COMMAND")).toBe(false);
  const closeSeconds = Number(/closeWithinMs = (\d+)_000/.exec(await read("src/shutdown.ts"))?.[1]);
  const drainSeconds = Number(settingsOf("control_plane").get("RAILWAY_DEPLOYMENT_DRAINING_SECONDS"));
  expect(drainSeconds).toBeGreaterThan(closeSeconds);
});

test("only the worker has the provisioner's login, and only release an administrator's", () => {
  const naming = (variable: string) =>
    Object.keys(locals).filter((name) => JSON.stringify(locals[name]).includes(`var.${variable}`));
  expect(naming("database_provisioner_url")).toEqual(["worker"]);
  expect(naming("database_administrator_url").toSorted()).toEqual(["has_release", "release"]);
  expect(naming("postgres_password").toSorted()).toEqual(["has_postgres", "postgres"]);
});

test("what holds data, and the project around it, is not destroyed by a plan", () => {
  const kept = resourcesOf(parsed)
    .filter(({ body }) => JSON.stringify(body["lifecycle"] ?? "").includes('"prevent_destroy":true'))
    .map(({ type, name }) => `${type}.${name}`);
  const holding = resourcesOf(parsed)
    .filter(({ type, body }) => type === "railway_project" || "volume" in body)
    .map(({ type, name }) => `${type}.${name}`);
  expect(kept.toSorted()).toEqual(holding.toSorted());
  expect(kept.length).toBe(3);
});

test("provider and images are pinned", () => {
  expect(source).toMatch(
    /source {2}= "terraform-community-providers\/railway"\n {6}version = "\d+\.\d+\.\d+"/,
  );
  expect(parsed.variable["postgres_image"]?.[0]?.["default"]).toMatch(/:\d+\.\d+$/);
  expect(parsed.variable["source_image"]?.[0]).not.toHaveProperty("default");
});

describe.if(terraform !== null)("terraform itself:", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "federation-terraform-"));
    await copyFile(join(templates, "control-plane/variables.tf"), join(directory, "variables.tf"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test("every file of templates/terraform is formatted", async () => {
    const { code, out, err } = await runTerraform(templates, ["fmt", "-check", "-recursive"]);
    expect([code, out, err]).toEqual([0, "", ""]);
  });

  const logins = {
    database_url: "postgres://app:x@db.example.com/f?sslmode=verify-full",
    database_gateway_url: "postgres://gateway:x@db.example.com/f?sslmode=verify-full",
    database_provisioner_url: "postgres://provisioner:x@db.example.com/f?sslmode=verify-full",
    kek: "0".repeat(64),
  };
  const plan = (variables: Record<string, string>) =>
    runTerraform(directory, [
      ...["plan", "-input=false", "-no-color", "-var=source_image=x", "-var=subdomain=x"],
      ...Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`),
    ]);

  test.each<[string, Record<string, string>]>([
    ["production with a verified database", { environment: "production", ...logins }],
    [
      "staging with Postgres on Railway, before it has logins",
      { environment: "staging", postgres_password: "x" },
    ],
    ["a setting that is no secret", { environment: "staging", settings: '{ RUNS_MAX = "8" }' }],
  ])("taken: %s", async (_name, variables) => {
    const { code, err } = await plan(variables);
    expect([code, err]).toEqual([0, ""]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["an environment of one's own", { environment: "live" }, /var\.environment/],
    [
      "production without verified TLS",
      { environment: "production", ...logins, database_url: "postgres://db.example.com/f?sslmode=require" },
      /verified TLS only/,
    ],
    [
      "production on Railway's Postgres",
      { environment: "production", postgres_password: "x" },
      /bring a Postgres/,
    ],
    [
      "a login alone",
      { environment: "staging", database_url: logins.database_url },
      /Belongs to database_url/,
    ],
    ["a key that is none", { environment: "staging", ...logins, kek: "short" }, /32 bytes/],
    [
      "a secret among the settings",
      { environment: "staging", settings: '{ LLM_API_KEY = "x" }' },
      /secret_settings/,
    ],
    [
      "a proxy to nothing",
      { environment: "staging", postgres_proxy: "true" },
      /Belongs to postgres_password/,
    ],
  ])("refused: %s", async (_name, variables, message) => {
    const { code, err } = await plan(variables);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  });
});
