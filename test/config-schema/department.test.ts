import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  departmentConfigJsonSchema,
  provisionRequest,
  reservedSlugs,
  toolNames,
} from "../../src/config-schema/department.ts";

const good = {
  department_id: "hr",
  department_name: "HR",
  enabled_tools: ["email"],
  admin_email: "hr@example.org",
};
const fits = (change: object) => provisionRequest.safeParse({ ...good, ...change }).success;

test("the smallest request and the largest are taken as they are", () => {
  const large = {
    ...good,
    department_name: "Ärzte & Söhne — 人事",
    enabled_tools: [...toolNames],
    google_workspace_domain: "example.org",
    host: "railway",
    region: "eu-west-1",
    data_retention: { conversations_days: 30, documents_days: 3650 },
    custom_config: {
      language: "de-CH",
      voice: "aura-2",
      greeting: "Grüezi!",
      limits: { queries_per_minute: 10 },
      database: { direct_access: true },
      n8n: { instance: "own" },
      agent: { cpu: 0.5, memory_mb: 512, replicas: 2 },
      failure_hold_minutes: 0,
      callback_url: "https://example.org/hook",
    },
  };
  expect<unknown>(provisionRequest.parse(good)).toEqual(good);
  expect<unknown>(provisionRequest.parse(large)).toEqual(large);
});

test("addresses and domains are kept in lower case, direct access is off unless asked for", () => {
  const parsed = provisionRequest.parse({
    ...good,
    admin_email: "HR@Example.ORG",
    google_workspace_domain: "Example.ORG",
    custom_config: { database: {} },
  });
  expect(parsed).toMatchObject({
    admin_email: "hr@example.org",
    google_workspace_domain: "example.org",
    custom_config: { database: { direct_access: false } },
  });
});

describe("reserved words are no slugs:", () => {
  test.each([...reservedSlugs])("%s", (slug) => expect(fits({ department_id: slug })).toBe(false));
});

test("a slug that passes is plain ASCII of 2 to 40, whatever is tried", () => {
  const slugs = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[a-z][a-z0-9-]{0,45}\n?$/));
  fc.assert(
    fc.property(slugs, (slug) => !fits({ department_id: slug }) || /^[a-z][a-z0-9-]{1,39}$/.test(slug)),
    { numRuns: 2000 },
  );
});

test("a name that passes is one line without control characters, whatever is tried", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (name) => {
      return !fits({ department_name: name }) || !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name);
    }),
    { numRuns: 2000 },
  );
});

test("nothing unknown is taken at any level", () => {
  const levels = [
    { x: 1 },
    { custom_config: { x: 1 } },
    { custom_config: { agent: { x: 1 } } },
    { data_retention: { x: 1 } },
  ];
  for (const change of levels) expect(fits(change)).toBe(false);
});

test("the JSON Schema says the same about reserved words and doubled tools", () => {
  const schema = JSON.stringify(departmentConfigJsonSchema("https://example.org"));
  expect(schema).toContain('"uniqueItems":true');
  expect(schema).toContain('"not":{"enum":["admin"');
});
