/** Cold start of the web process: spawned until /readyz answers 200, over a database that is prepared. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isReady } from "../src/client/ready.ts";
import { childEnvironment, type Config, loadConfig } from "../src/config.ts";
import { createLog } from "../src/log.ts";
import { choosePort } from "../src/up/choose-port.ts";
import { prepare } from "../src/up/prepare.ts";
import type { BenchContext, BenchResult } from "./harness/bench.ts";
import { percentile, rounded } from "./harness/summary.ts";

const warmUps = 2;
const starts = 10;
const targetMs = 300;
const root = join(import.meta.dir, "..");

export async function run({ log }: BenchContext): Promise<BenchResult> {
  const parent = await mkdtemp(join(tmpdir(), "federation-bench-"));
  const given = loadConfig({ DATA_DIR: join(parent, "data"), LOG_LEVEL: "warn" });
  const { config, postgres } = await prepare(given, createLog(given, "bench"));
  const bare: number[] = [];
  const ours: number[] = [];
  try {
    for (let index = -warmUps; index < starts; index += 1) {
      const pair = [await startBun(), await startWeb(config)] as const;
      if (index < 0) continue;
      bare.push(rounded(pair[0]));
      ours.push(rounded(pair[1]));
    }
  } finally {
    await postgres?.stop();
    await rm(parent, { recursive: true, force: true });
  }
  log(`starts: ${ours.map((ms) => Math.round(ms)).join(", ")} ms`);
  const rows = [
    ["web process to /readyz", ours],
    ["floor: Bun with an empty script", bare],
  ] as const;
  return {
    setup: { starts, warmUps, targetMs },
    tables: [
      {
        title: `Cold start, ${starts} times (target ≤ ${targetMs} ms)`,
        columns: ["", "median ms", "min", "max"],
        rows: rows.map(([name, ms]) => [name, percentile(ms, 50), Math.min(...ms), Math.max(...ms)]),
      },
    ],
    figures: { ours, bare },
  };
}

async function startWeb(config: Readonly<Config>): Promise<number> {
  const port = await choosePort(0, config.host);
  const url = `http://${config.host}:${port}`;
  const env = childEnvironment({
    FEDERATION_ENV: config.environment,
    PORT: String(port),
    HOST: config.host,
    PUBLIC_URL: url,
    DATABASE_URL: config.databaseUrl?.reveal(),
    DATABASE_GATEWAY_URL: config.gatewayUrl?.reveal(),
    DATABASE_ADMIN_URL: undefined,
    FEDERATION_KEK: config.kek?.reveal(),
    FEDERATION_KEK_PREVIOUS: undefined,
    DATA_DIR: config.dataDirectory,
    LOG_LEVEL: config.logLevel,
  });
  const startedAtMs = performance.now();
  const web = Bun.spawn([process.execPath, "src/server.ts"], {
    cwd: root,
    env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  while (!(await isReady(url))) {
    if (web.exitCode !== null) throw new Error(`the web process ended with ${web.exitCode}`);
    await Bun.sleep(2);
  }
  const ms = performance.now() - startedAtMs;
  web.kill("SIGTERM");
  await web.exited;
  return ms;
}

async function startBun(): Promise<number> {
  const startedAtMs = performance.now();
  await Bun.spawn([process.execPath, "-e", "0"], { cwd: root, stdin: "ignore", stdout: "ignore" }).exited;
  return performance.now() - startedAtMs;
}
