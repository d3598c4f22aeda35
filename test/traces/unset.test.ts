import { expect, test } from "bun:test";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

/**
 * How many of OpenTelemetry's modules a process has loaded that opened its tracer and everything web and worker import.
 * Its API is not counted: pg-boss loads that, and it does nothing by itself.
 */
async function loadedBy(environment: Record<string, string>): Promise<number> {
  const program = `
    const { loadConfig } = await import("./src/config.ts");
    const { openTracer } = await import("./src/traces/open-tracer.ts");
    await Promise.all([import("./src/app.ts"), import("./src/deps.ts"), import("./jobs/jobs.ts")]);
    const tracer = await openTracer(loadConfig(), "web");
    await tracer.span("a span", { kind: "internal" }, async () => {});
    await tracer.close();
    const modules = Object.keys(require.cache);
    console.log(new Set(modules.filter((path) => /@opentelemetry\\/(?!api\\/)/.test(path))).size);`;
  const child = Bun.spawn([process.execPath, "-e", program], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...environment },
    stdout: "pipe",
  });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return Number(text);
}

test("without a collector none of OpenTelemetry is loaded", async () => {
  expect(await loadedBy({})).toBe(0);
  expect(await loadedBy({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" })).toBeGreaterThan(10);
});
