import { expect, test } from "bun:test";
import { z } from "zod";
import { createApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config.ts";
import type { AppDeps } from "../../src/http/env.ts";
import { exampleOfBody, examples } from "../../src/http/examples.ts";
import { documentedRoutes } from "../../src/http/openapi.ts";

/** Nothing behind the router is asked. */
const app = createApp({ config: loadConfig({}), db: {} } as AppDeps);
const routes = documentedRoutes(app).map(({ documented }) => documented);

const hint = (id: string, what: string) =>
  `${id} has no example of its ${what}: add one to the file of its noun in src/http/examples`;

test("every body has an example, and the route's own schema takes it", () => {
  let seen = 0;
  for (const { operation, body } of routes) {
    if (!body) continue;
    const example = exampleOfBody(operation.id, body);
    expect([operation.id, example === undefined ? hint(operation.id, "body") : ""]).toEqual([
      operation.id,
      "",
    ]);
    expect([operation.id, body.safeParse(example).error?.issues]).toEqual([operation.id, undefined]);
    seen++;
  }
  expect(seen).toBeGreaterThan(40);
});

test("every JSON answer has an example, and it is what the schema says, no key more", () => {
  let seen = 0;
  for (const { operation } of routes) {
    for (const [status, schema] of Object.entries(operation.answers)) {
      if (typeof schema === "string") continue;
      const name = `${operation.id} ${status}`;
      const example = examples[operation.id]?.answers?.[Number(status)];
      expect([name, example === undefined ? hint(operation.id, `answer ${status}`) : ""]).toEqual([name, ""]);
      const parsed = schema.safeParse(example);
      expect([name, parsed.error?.issues ?? parsed.data]).toEqual([name, example]);
      expectInstants(name, example);
      seen++;
    }
  }
  expect(seen).toBeGreaterThan(90);
});

test("no example is of an operation, a body or an answer that does not exist", () => {
  for (const [id, { body, answers = {} }] of Object.entries(examples)) {
    const route = routes.find(({ operation }) => operation.id === id);
    expect([id, route?.operation.id]).toEqual([id, id]);
    expect([id, body === undefined || route?.body !== undefined]).toEqual([id, true]);
    for (const status of Object.keys(answers))
      expect([id, status, typeof route?.operation.answers[Number(status)]]).toEqual([id, status, "object"]);
  }
});

test("no example holds what could be a key, and every address is in a domain reserved for examples", () => {
  const text = JSON.stringify(examples);
  expect(text.match(/(?:fed_[a-z]+_\w+_|whsec_|ya29\.|eyJ\w+\.)[\w.-]{3,}/g)).toBeNull();
  const domains = [...text.matchAll(/@([a-z0-9.-]+)/g)].map((found) => found[1] ?? "");
  expect(domains.filter((domain) => !/(^|\.)example\.(com|org)$/.test(domain))).toEqual([]);
});

/** Fields that end in `_at` are instants, whatever the schema says of their form. */
function expectInstants(name: string, value: unknown): void {
  if (Array.isArray(value)) for (const item of value) expectInstants(name, item);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key.endsWith("_at") && inner !== null)
      expect([name, key, z.iso.datetime({ offset: true }).safeParse(inner).success]).toEqual([
        name,
        key,
        true,
      ]);
    expectInstants(name, inner);
  }
}
