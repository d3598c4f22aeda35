/**
 * `fed up`: everything on one machine. This process owns Postgres and the agents' supervisor and keeps web and worker
 * running; when it is killed they all end with it, and the next start finds the data and goes on.
 */
import { join } from "node:path";
import { createLocalSupervisor, type LocalSupervisor } from "./local-supervisor.ts";
import { createClient } from "../client/client.ts";
import { firstAdmin } from "../cli/first-admin.ts";
import type { Config } from "../config.ts";
import { Secret } from "../crypto/secret.ts";
import { FederationError } from "../errors.ts";
import { createLog } from "../log.ts";
import { choosePort } from "./choose-port.ts";
import { keepFile, readKept } from "./keep-file.ts";
import { prepare } from "./prepare.ts";
import { showExamples } from "./show-examples.ts";
import { startWebAndWorker, untilReady } from "./start-web-and-worker.ts";

export interface Installation {
  url: string;
  untilEnded(): Promise<void>;
  close(): Promise<void>;
}

const examples = join(import.meta.dir, "../../examples/departments");

export async function startInstallation(
  given: Readonly<Config>,
  options: { examples: boolean; ended: AbortSignal },
): Promise<Installation> {
  const startedAtMs = performance.now();
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const port = await choosePort(given.port, given.host);
    const publicUrl = given.publicUrl.replace(`:${given.port}`, `:${port}`);
    const logLevel = given.logLevel === "info" ? "warn" : given.logLevel;
    const log = createLog({ logLevel }, "up");
    const { config, postgres } = await prepare({ ...given, port, publicUrl, logLevel }, log);
    if (postgres) closers.push(() => postgres.stop());
    say(`Postgres ready after ${seconds(startedAtMs)}`);
    const processes = startWebAndWorker(config, log);
    closers.push(() => Promise.all(processes.map((child) => child.close())));
    const supervisor = await startSupervisor(config, log);
    closers.push(() => supervisor.close());
    const key = await adminKey(config);
    await untilReady(publicUrl, options.ended);
    await keepFile(join(config.dataDirectory, "url"), `${publicUrl}\n`);
    say(`API ready after ${seconds(startedAtMs)}: ${publicUrl} (reference at ${publicUrl}/docs)`);
    const client = createClient({ url: publicUrl, key });
    if (options.examples && !options.ended.aborted) await showExamples(client, publicUrl, examples, say);
    say(
      `Up after ${seconds(startedAtMs)}. The admin key is in ${join(config.dataDirectory, "admin.key")}; Ctrl-C ends.`,
    );
    return { url: publicUrl, untilEnded: () => ended(options.ended), close };
  } catch (error) {
    await close();
    if (options.ended.aborted)
      throw new FederationError("interrupted", "Interrupted while starting.", { cause: error });
    throw error;
  }
}

async function startSupervisor(
  config: Readonly<Config>,
  log: ReturnType<typeof createLog>,
): Promise<LocalSupervisor> {
  const supervisor = await createLocalSupervisor(config, log);
  supervisor.start();
  return supervisor;
}

/** The key of the first admin: made at the first start, kept for `fed` beside the data. */
async function adminKey(config: Readonly<Config>): Promise<Secret<string>> {
  const path = join(config.dataDirectory, "admin.key");
  const made = await firstAdmin(config, "admin@example.com");
  if (made) await keepFile(path, `${made.reveal()}\n`);
  const kept = await readKept(path);
  if (kept) return new Secret(kept);
  throw new FederationError(
    "no_admin_key",
    `There is an admin, but no key in ${path}; set FEDERATION_API_KEY for fed.`,
  );
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const seconds = (sinceMs: number) => `${((performance.now() - sinceMs) / 1000).toFixed(2)} s`;
