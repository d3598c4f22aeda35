import { expect, test } from "bun:test";
import { countResults } from "./count-results.ts";
import { findLockDifferences, findMissingPlatforms } from "./find-lock-differences.ts";
import { findSecrets } from "./find-secrets.ts";
import { lintOpenApi } from "./lint-openapi.ts";

test("the secrets scan finds a private key and does not repeat it", async () => {
  const body = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW".repeat(4);
  const key =
    ["-----BEGIN", "OPENSSH PRIVATE KEY-----\n"].join(" ") + `${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
  const found = await findSecrets("deploy.ts", key);
  expect(found).toHaveLength(1);
  expect(found.join()).not.toContain(body.slice(0, 20));
});

test("the secrets scan finds a password in a database address", async () => {
  const url = ["postgres://admin", "hunter2hunter2@db.acme-voice.io/federation"].join(":");
  expect(await findSecrets("config.ts", `export const url = "${url}";\n`)).toHaveLength(1);
});

test("the secrets scan accepts ordinary code", async () => {
  expect(await findSecrets("config.ts", 'export const port = env["PORT"];\n')).toEqual([]);
});

const npm = (version: string) =>
  JSON.stringify({
    packages: { "": {}, "node_modules/a/node_modules/b": { version, integrity: "sha512-x" } },
  });
const bun = '{ "packages": { "a/b": ["b@1.0.0", "", {}, "sha512-x"], }, }';

test("the lock check accepts the same packages in another order of folders", () => {
  expect(findLockDifferences(npm("1.0.0"), bun)).toEqual([]);
});

test("the lock check names a package that Bun installs in another version", () => {
  expect(findLockDifferences(npm("1.0.1"), bun)).toEqual([
    "only npm installs b@1.0.1 sha512-x",
    "only Bun installs b@1.0.0 sha512-x",
  ]);
});

test("the lock check names a platform's package that the lock lacks", () => {
  const optionalDependencies = { "b-linux": "1.0.0", "b-darwin": "1.0.0" };
  const packages = { "node_modules/b": { optionalDependencies }, "node_modules/b-linux": {} };
  expect(findMissingPlatforms(JSON.stringify({ packages }))).toEqual(["the lock lacks b-darwin"]);
});

const document = (operation: object) =>
  JSON.stringify({
    openapi: "3.1.0",
    info: {
      title: "Federation",
      version: "1",
      license: { name: "Proprietary", url: "https://federation.test" },
    },
    servers: [{ url: "https://federation.test" }],
    security: [],
    paths: { "/healthz": { get: operation } },
  });
const answers = { "200": { description: "Well." }, "400": { description: "Not understood." } };

test("the OpenAPI lint accepts a complete operation", async () => {
  const named = { operationId: "getHealth", summary: "Health", description: "Says how it is." };
  const text = document({ ...named, responses: answers });
  expect(await lintOpenApi(text)).toEqual([]);
});

test("the OpenAPI lint refuses an operation without a name and a reference to nowhere", async () => {
  const schema = { $ref: "#/components/schemas/Nothing" };
  const content = { "application/json": { schema } };
  const text = document({
    summary: "Health",
    responses: { ...answers, "200": { description: "Well.", content } },
  });
  const problems = (await lintOpenApi(text)).join("\n");
  expect(problems).toContain("operation-operationId");
  expect(problems).toContain("no-unresolved-refs");
});

const report = (attributes: string) =>
  `<?xml version="1.0"?>\n<testsuites name="bun test" ${attributes}>\n</testsuites>`;

test("results are counted from the report", () => {
  const text = report('tests="10" assertions="40" failures="2" skipped="1" time="1.5"');
  expect(countResults(text, 1)).toEqual({ passed: 7, failed: 2, skipped: 1 });
});

test("a run that crashed is a failure even if every finished test passed", () => {
  expect(countResults(report('tests="10" failures="0" skipped="0"'), 134)).toEqual({
    passed: 10,
    failed: 1,
    skipped: 0,
  });
  expect(countResults("", 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("a run without tests is a failure", () => {
  expect(countResults(report('tests="0" failures="0" skipped="0"'), 0).failed).toBe(1);
});
