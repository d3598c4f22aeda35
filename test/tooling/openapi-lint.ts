// The document comes from the router alone, so nothing behind it has to be open.
import { pino } from "pino";
import { createApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config.ts";
import type { AppDeps } from "../../src/http/env.ts";
import { noTracer } from "../../src/traces/tracer.ts";
import { lintOpenApi } from "./lint-openapi.ts";

const config = loadConfig({});
const db = unopened<AppDeps["db"]>();
const app = createApp({
  ...unopened<AppDeps>(),
  config,
  db,
  log: pino({ level: "silent" }),
  tracer: noTracer,
  vault: unopened<AppDeps["vault"]>(),
});
const response = await app.request("/openapi.json");
const text = await response.text();
const problems = response.ok
  ? await lintOpenApi(text)
  : [`/openapi.json answers ${response.status}: ${text}`];
for (const problem of problems) console.log(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** Stands for a T that nobody touches: every property of it is undefined. */
function unopened<T>(): T {
  return {} as T;
}
