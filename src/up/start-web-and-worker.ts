import { join } from "node:path";
import type { Logger } from "pino";
import { isReady } from "../client/ready.ts";
import { childEnvironment, type Config } from "../config.ts";
import { FederationError } from "../errors.ts";
import { keepRunning, type RunningProcess } from "./processes.ts";

const readyWithinMs = 20_000;
const root = join(import.meta.dir, "../..");

/** Starts the two processes of the Procfile, each with the settings it may have and no more. */
export function startWebAndWorker(config: Readonly<Config>, log: Logger): RunningProcess[] {
  const common = {
    FEDERATION_ENV: config.environment,
    PORT: String(config.port),
    HOST: config.host,
    PUBLIC_URL: config.publicUrl,
    DATABASE_URL: config.databaseUrl?.reveal(),
    DATABASE_GATEWAY_URL: config.gatewayUrl?.reveal(),
    DATABASE_ADMIN_URL: undefined,
    FEDERATION_KEK: config.kek?.reveal(),
    FEDERATION_KEK_PREVIOUS: config.kekPrevious?.reveal(),
    DATA_DIR: config.dataDirectory,
    LOG_LEVEL: config.logLevel,
  };
  const bun = process.execPath;
  const web = childEnvironment(common);
  const worker = childEnvironment({ ...common, DATABASE_ADMIN_URL: config.adminUrl?.reveal() });
  return [
    keepRunning({ name: "web", command: [bun, join(root, "src/server.ts")], env: web }, log),
    keepRunning({ name: "worker", command: [bun, join(root, "jobs/worker.ts")], env: worker }, log),
  ];
}

/** Resolves when the web process says it is ready. Throws `not_ready` after 20 s. */
export async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  while (performance.now() < deadline && !signal.aborted) {
    if (await isReady(url)) return;
    await Bun.sleep(25);
  }
  throw new FederationError("not_ready", `${url} did not become ready; the lines above say why.`);
}
