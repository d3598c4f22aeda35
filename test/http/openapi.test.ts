import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Edge, testEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge.close());

interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security: unknown[];
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  responses: Record<string, { description: string; content?: object }>;
}

const read = async () => (await edge.call("GET", "/openapi.json")).json;
async function operations(): Promise<{ name: string; path: string; operation: Operation }[]> {
  const paths: Record<string, Record<string, Operation>> = (await read()).paths;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
  );
}

test("the document is OpenAPI 3.1 and resolves every reference in itself", async () => {
  const document = await read();
  expect(document.openapi).toBe("3.1.0");
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
    ([, path = ""]) => path,
  );
  expect(references.length).toBeGreaterThan(0);
  for (const path of new Set(references)) {
    const found = path.split("/").reduce((value, part) => value?.[part], document);
    expect([path, typeof found]).toEqual([path, "object"]);
  }
});

test("every operation has a unique id, a summary, a known tag, its security, a success and a problem", async () => {
  const list = await operations();
  const tags = (await read()).tags.map((tag: { name: string }) => tag.name);
  expect(new Set(list.map(({ operation }) => operation.operationId)).size).toBe(list.length);
  for (const { name, operation } of list) {
    expect([name, operation.operationId]).toEqual([name, expect.stringMatching(/^[a-z][A-Za-z]+$/)]);
    expect([name, operation.summary.length > 5, tags.includes(operation.tags[0])]).toEqual([
      name,
      true,
      true,
    ]);
    expect([name, Array.isArray(operation.security)]).toEqual([name, true]);
    const statuses = Object.keys(operation.responses);
    expect([name, statuses.some((status) => /^[23]/.test(status))]).toEqual([name, true]);
    expect([name, JSON.stringify(operation.responses).includes("application/problem+json")]).toEqual([
      name,
      true,
    ]);
    for (const response of Object.values(operation.responses)) expect(response.description).not.toBe("");
  }
});

test("path parameters are all declared, required, and declared once", async () => {
  for (const { name, path, operation } of await operations()) {
    const inPath = [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, parameter]) => parameter);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
    expect([name, declared.map((parameter) => parameter.name)]).toEqual([name, inPath as string[]]);
    expect([name, declared.every((parameter) => parameter.required)]).toEqual([name, true]);
  }
});

test("request schemas refuse unknown keys", async () => {
  let seen = 0;
  for (const { name, operation } of await operations()) {
    const body = JSON.stringify((operation as { requestBody?: object }).requestBody ?? {});
    const objects = body.split('"properties":').length - 1;
    const closed = body.split('"additionalProperties":false').length - 1;
    expect([name, closed]).toEqual([name, objects]);
    seen += objects;
  }
  expect(seen).toBeGreaterThan(10);
});

const referencePages = async () => [
  "/docs",
  ...(await read()).tags.map(
    ({ name }: { name: string }) => `/docs/${name.toLowerCase().replaceAll(" ", "-")}`,
  ),
];

test("every page of the reference is less than 100 KB, without a script or a byte from elsewhere", async () => {
  for (const path of await referencePages()) {
    const page = await edge.call("GET", path);
    expect([path, page.headers.get("content-type")]).toEqual([path, expect.stringContaining("text/html")]);
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.text).not.toMatch(/<script|<link|src=|style="|href="(?!\/|#)/);
    expect([path, Buffer.byteLength(page.text) < 100_000 || Buffer.byteLength(page.text)]).toEqual([
      path,
      true,
    ]);
  }
  expect((await edge.call("GET", "/docs/nothing")).status).toBe(404);
});

test("the pages are the document: each operation with its parameters, its examples and a call", async () => {
  const texts = await Promise.all(
    (await referencePages()).map(async (path) => (await edge.call("GET", path)).text),
  );
  const [index = "", ...groups] = texts;
  for (const { name, path, operation } of await operations()) {
    const { operationId, parameters = [] } = operation;
    expect(index).toMatch(new RegExp(`href="/docs/[a-z-]+#${operationId}"`));
    const found = groups
      .flatMap((text) => text.split("<section "))
      .filter((text) => text.startsWith(`id="${operationId}"`));
    expect([name, found.length]).toEqual([name, 1]);
    const shown = unescaped(found[0] ?? "");
    for (const parameter of parameters)
      expect([name, shown]).toEqual([name, expect.stringContaining(parameter.name)]);
    for (const example of examplesOf(operation))
      expect([name, shown]).toEqual([name, expect.stringContaining(JSON.stringify(example, null, 2))]);
    expect([name, shown]).toEqual([name, expect.stringContaining(`"$URL${path.split("{")[0]}`)]);
  }
});

const unescaped = (text: string) =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

function examplesOf(operation: object): unknown[] {
  const { requestBody, responses } = operation as { requestBody?: { content: object }; responses: object };
  const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
  return contents.flatMap(
    (content) => Reflect.get(Object(content)["application/json"] ?? {}, "example") ?? [],
  );
}

test("the department's JSON Schema is published and bounded", async () => {
  const { json } = await edge.call("GET", "/schemas/department.json");
  expect(json).toMatchObject({
    $id: "http://federation.test/schemas/department.json",
    type: "object",
    additionalProperties: false,
  });
  expect(json.required).toEqual(["department_id", "department_name", "enabled_tools", "admin_email"]);
});

test("the calls that the pages show are taken by sh and curl, and send the example", async () => {
  const pages = await Promise.all(
    (await referencePages()).map(async (path) => (await edge.call("GET", path)).text),
  );
  const lines = pages.flatMap((text) =>
    [...text.matchAll(/aria-label="(\w+): curl"><code>(.*?)<\/code>/gs)].map(([, id = "", line = ""]) => ({
      id,
      line: unescaped(line),
    })),
  );
  const sent: Record<string, { call: string; body: string }> = {};
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const [, id = "", ...path] = pathname.split("/");
      sent[id] = { call: `${request.method} /${path.join("/")}`, body: await request.text() };
      return new Response();
    },
  });
  // The first part of the path says which line it was; what starts all at once would be too many.
  const script = lines.map(
    ({ id, line }) => `URL=${server.url.origin}/${id}\n${line} --silent --show-error || exit 1\n`,
  );
  const child = Bun.spawn(["sh"], {
    env: { PATH: process.env["PATH"], KEY: "key", ID: Bun.randomUUIDv7(), TICKET: "t" },
    stdin: new Blob([script.join("")]),
    stderr: "pipe",
  });
  expect([await new Response(child.stderr).text(), await child.exited]).toEqual(["", 0]);
  await server.stop(true);
  for (const { name, path, operation } of await operations()) {
    const [method = ""] = name.split(" ");
    const { call, body } = sent[operation.operationId] ?? { call: "", body: "" };
    const pattern = new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{[a-z_]+\}/g, "[^/]+")}$`);
    expect([name, pattern.test(call) || call]).toEqual([name, true]);
    const [example] = examplesOf({ ...operation, responses: {} });
    expect([name, body === "" ? undefined : JSON.parse(body)]).toEqual([name, example]);
  }
});
