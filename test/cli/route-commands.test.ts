import { afterAll, beforeAll, expect, spyOn, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "../../src/app.ts";
import { commands } from "../../src/cli/commands.ts";
import { loadConfig } from "../../src/config.ts";
import { authorization } from "../../src/http/authorization.ts";
import { consoleAuthorization } from "../../src/console/authorization.ts";
import type { AppDeps } from "../../src/http/env.ts";
import { exampleOfBody, examples } from "../../src/http/examples.ts";
import { documentedRoutes } from "../../src/http/openapi.ts";
import { commandOf, routeOfAction, withoutCommand } from "./route-commands.ts";

const app = createApp({ config: loadConfig({}), db: {} } as AppDeps);
const routes = documentedRoutes(app).map((route) => ({
  name: `${route.method} ${route.path}`,
  pattern: new RegExp(`^${route.path.replaceAll(/:[a-z_]+/g, "[^/]+")}$`),
  ...route,
}));
const id = "01a1c2d5-3c4b-7e9a-a1b2-c3d4e5f60718";

let called: string[] = [];
let server: Bun.Server<undefined>;
let directory: string;
beforeAll(async () => {
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answerWithExample });
  directory = await mkdtemp(join(tmpdir(), "federation-commands-"));
});
afterAll(async () => {
  await server.stop(true);
  await rm(directory, { recursive: true, force: true });
});

test("every route has a command of fed, or a reason to have none", () => {
  const missing = Object.keys(authorization).filter(
    (name) => !(name in commandOf) && !(name in withoutCommand),
  );
  expect(
    missing.map((name) => `${name}: add a row to commandOf or withoutCommand in test/cli/route-commands.ts`),
  ).toEqual([]);
  const unknown = [...Object.keys(commandOf), ...Object.keys(withoutCommand)].filter(
    (name) => !(name in authorization),
  );
  expect(unknown).toEqual([]);
  expect(Object.keys(commandOf).filter((name) => name in withoutCommand)).toEqual([]);
});

test("every action of the console is a command of fed", () => {
  const actions = Object.keys(consoleAuthorization).filter((name) => name.startsWith("POST "));
  expect(actions.length).toBeGreaterThan(8);
  const without = actions.filter((name) => {
    const route = name in routeOfAction ? routeOfAction[name] : name.replace("POST /", "POST /api/v1/");
    return route !== null && !(route !== undefined && route in commandOf);
  });
  expect(without.map((name) => `${name}: add it to routeOfAction in test/cli/route-commands.ts`)).toEqual([]);
});

test.each(Object.entries(commandOf))("%s is called by fed %s", async (name, line) => {
  called = [];
  const [command = "", stdin] = line.split(" < ");
  const { exitCode, printed } = await fed(await argumentsOf(name, command), stdin);
  expect([name, called, printed]).toEqual([name, expect.arrayContaining([name]), expect.any(String)]);
  // A department that differs is a finding, a run that has not succeeded is told by the code, too.
  expect([line, [0, 6, 8].includes(exitCode) ? "" : `${exitCode} ${printed}`]).toEqual([line, ""]);
});

test("every command that calls the API takes --json", async () => {
  const names = new Set(Object.values(commandOf).map((line) => line.split(" ")[0] ?? ""));
  expect(names.size).toBeGreaterThan(30);
  const local = ["up", "init", "migrate", "plan", "doctor"];
  expect(
    commands.map(({ name }) => name).filter((name) => !names.has(name) && !local.includes(name)),
  ).toEqual([]);
  for (const [name, line] of Object.entries(commandOf)) {
    const [command = "", stdin] = line.split(" < ");
    const { exitCode, out } = await fed([...(await argumentsOf(name, command)), "--json"], stdin);
    expect([line, exitCode === 2 ? "usage" : "", isJson(out) ? "" : out]).toEqual([line, "", ""]);
  }
});

async function argumentsOf(name: string, line: string): Promise<string[]> {
  const body = routes.find((route) => route.name === name)?.documented;
  const example = body?.body && exampleOfBody(body.operation.id, body.body);
  const files: Record<string, unknown> = {
    FILE: example,
    MANIFEST: Reflect.get(Object(example), "manifest"),
    JWKS: Reflect.get(Object(example), "jwks"),
    SECRET: "n8n-key",
  };
  const words = line.split(" ");
  for (const [at, word] of words.entries()) {
    if (word in files) {
      words[at] = join(directory, word);
      await Bun.write(words[at], JSON.stringify(files[word]));
    } else words[at] = word.replace(/^ID\b/, id).replace(/^OUT$/, join(directory, crypto.randomUUID()));
  }
  return words;
}

/** In this process, but for what reads its stdin. */
async function fed(args: string[], stdin: string | undefined) {
  const environment = { FEDERATION_URL: server.url.origin, FEDERATION_API_KEY: "a-key" };
  if (stdin !== undefined) return fedProcess(args, stdin, environment);
  const printed: string[] = [];
  const write = spyOn(process.stdout, "write").mockImplementation(
    (text) => (printed.push(String(text)), true),
  );
  try {
    const command = commands.find(({ name }) => name === args[0]);
    const exitCode = await command?.run(args.slice(1), loadConfig(environment));
    return { exitCode: exitCode ?? -1, out: printed.join(""), printed: printed.join("") };
  } catch (error) {
    return { exitCode: 1, out: "", printed: String(error) };
  } finally {
    write.mockRestore();
  }
}

async function fedProcess(args: string[], stdin: string, environment: Record<string, string>) {
  const main = join(import.meta.dir, "../../src/cli/main.ts");
  const child = Bun.spawn([process.execPath, main, ...args], {
    env: { ...process.env, ...environment },
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, out, printed: out + err };
}

/** What the reference shows is what a command gets; what is under way is over when it is asked for again. */
function answerWithExample(request: Request): Response {
  const { pathname } = new URL(request.url);
  const found = routes.find(({ method, pattern }) => method === request.method && pattern.test(pathname));
  if (!found) return Response.json({ code: "not_found" }, { status: 404 });
  called.push(found.name);
  const { operation } = found.documented;
  const [[status, kind] = ["204", ""]] = Object.entries(operation.answers).toReversed();
  const example = examples[operation.id]?.answers?.[Number(status)];
  if (kind === "text/event-stream") return eventStream();
  if (typeof kind === "string") return new Response(kind === "" ? null : "bytes", { status: Number(status) });
  return Response.json(
    operation.id === "showDrift" ? { ...Object(example), checked_at: "2999-01-01T00:00:00Z" } : example,
    {
      status: Number(status),
    },
  );
}

function eventStream(): Response {
  const ended = { ...Object(examples["showProgress"]?.answers?.[200]), run_status: "succeeded" };
  return new Response(`id: 1\nevent: done\ndata: ${JSON.stringify(ended)}\n\n`, {
    headers: { "content-type": "text/event-stream" },
  });
}

/** One document, or one a line. */
function isJson(text: string): boolean {
  const parses = (each: string) => {
    try {
      return JSON.parse(each) !== undefined;
    } catch {
      return false;
    }
  };
  return text === "" || parses(text) || text.trim().split("\n").every(parses);
}
