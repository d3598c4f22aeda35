// A whole installation on a database of its own: web, supervisor and workers as real processes that a test may kill.
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { firstAdmin } from "../../src/cli/first-admin.ts";
import { createClient } from "../../src/client/client.ts";
import { isReady } from "../../src/client/ready.ts";
import { loadConfig } from "../../src/config.ts";
import { environmentKeyProvider, generateKek } from "../../src/crypto/kek.ts";
import { prepareInstallation } from "../../src/installation/prepare-installation.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { createVault } from "../../src/crypto/vault.ts";
import { openPools } from "../../src/db/pools.ts";
import { choosePort } from "../../src/up/choose-port.ts";
import { armPoint, disarmPoint, type PointAction, readFired } from "./killable-points.ts";
import { testDatabase } from "./postgres.ts";

const root = join(import.meta.dir, "../..");
const programs = {
  web: join(root, "src/server.ts"),
  supervisor: new URL("./killable-supervisor.ts", import.meta.url).pathname,
  worker: new URL("./killable-worker.ts", import.meta.url).pathname,
};

/** URLs of the three logins and the superuser on one migrated database. */
export interface InstallationDatabase {
  adminUrl: string;
  appUrl: string;
  gatewayUrl: string;
  provisionerUrl: string;
  close(): Promise<void>;
}

export interface InstallationOptions {
  workers?: number;
  /** A test database of its own unless given; closed with the installation. */
  database?: InstallationDatabase;
  environment?: Record<string, string>;
}

export interface Child {
  readonly pid: number;
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

export type Installation = Awaited<ReturnType<typeof startInstallation>>;

export async function startInstallation(options: InstallationOptions = {}) {
  const database = options.database ?? (await testDatabase());
  const directory = await mkdtemp(join(tmpdir(), "federation-installation-"));
  const port = await choosePort(0, "127.0.0.1");
  const environment = environmentOf(database, directory, port, options.environment);
  const config = loadConfig(environment);
  await prepareInstallation(config, new Secret(database.adminUrl));
  const key = await firstAdmin(config, "admin@example.com");
  if (!key) throw new Error("there was an admin already");
  const sql = postgres(database.adminUrl, { max: 4, onnotice: () => {} });
  const pools = openPools({ ...database, adminUrl: database.provisionerUrl, applicationName: "test" });
  const provider = environmentKeyProvider({
    current: new Secret(config.kek?.reveal() ?? ""),
    previous: undefined,
  });
  const vault = await createVault({ sql: pools.app, provider, environment: config.environment });
  const points = join(directory, "points");
  mkdirSync(points);
  const children = new Map<Child, keyof typeof programs>();
  const client = createClient({ url: config.publicUrl, key });

  const start = async (name: keyof typeof programs, ready: (child: Child) => Promise<boolean>) => {
    const logFile = join(directory, `${name}.log`);
    const child = spawnChild([programs[name], points], environment, logFile);
    children.set(child, name);
    void child.exited.then(() => children.delete(child));
    const ended = child.exited.then(async (code) => {
      throw new Error(`the ${name} ended with ${code}: ${(await Bun.file(logFile).text()).slice(-2000)}`);
    });
    ended.catch(() => {});
    await Promise.race([until(`the ${name} is ready`, () => ready(child)), ended]);
    return child;
  };
  const running = (name: keyof typeof programs) => {
    const found = [...children].find(([, program]) => program === name);
    if (!found) throw new Error(`no ${name} runs`);
    return found[0];
  };
  const noted = async ({ pid }: Child) => existsSync(join(points, `ready.${pid}.fired`));
  const installation = {
    config,
    directory,
    url: config.publicUrl,
    key,
    client,
    /** The superuser's. */
    sql,
    pools,
    vault,
    startWeb: () => start("web", () => isReady(config.publicUrl)),
    startSupervisor: () => start("supervisor", noted),
    startWorker: () => start("worker", noted),
    arm: (point: string, action: PointAction) => armPoint(points, point, action),
    disarm: (point: string) => disarmPoint(points, point),
    /** Every agent that is started from now on ends at once, until it is repaired. */
    breakAgents: () => writeFileSync(join(points, "agent.broken"), ""),
    repairAgents: () => rmSync(join(points, "agent.broken"), { force: true }),
    /** Resolves when a worker came by the armed point. */
    fired: (point: string) => until(`a worker comes by ${point}`, () => readFired(points, point)),
    /** As `fired`, without waiting. */
    firedYet: (point: string) => readFired(points, point),
    web: () => running("web"),
    supervisor: () => running("supervisor"),
    worker: () => running("worker"),
    child: (pid: number) => [...children.keys()].find((child) => child.pid === pid),
    async close() {
      await Promise.all([...children.keys()].map(endChild));
      await Promise.all([sql.end({ timeout: 2 }), pools.close()]);
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    const workers = Array.from({ length: options.workers ?? 2 }, installation.startWorker);
    await Promise.all([installation.startWeb(), installation.startSupervisor(), ...workers]);
    return installation;
  } catch (error) {
    await installation.close();
    throw error;
  }
}

function environmentOf(
  database: InstallationDatabase,
  directory: string,
  port: number,
  more: Record<string, string> = {},
): Record<string, string | undefined> {
  return {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    PORT: String(port),
    DATABASE_URL: database.appUrl,
    DATABASE_GATEWAY_URL: database.gatewayUrl,
    DATABASE_ADMIN_URL: database.provisionerUrl,
    FEDERATION_KEK: generateKek(),
    DATA_DIR: directory,
    LOG_LEVEL: "debug",
    ...more,
  };
}

function spawnChild(argv: string[], env: Record<string, string | undefined>, logFile: string): Child {
  const log = openSync(logFile, "a");
  try {
    return Bun.spawn([process.execPath, ...argv], {
      cwd: root,
      env,
      stdin: "ignore",
      stdout: log,
      stderr: log,
    });
  } finally {
    closeSync(log);
  }
}

/** A stopped process hears SIGTERM only when it goes on. */
async function endChild(child: Child): Promise<void> {
  child.kill("SIGTERM");
  child.kill("SIGCONT");
  const force = setTimeout(() => child.kill("SIGKILL"), 8000);
  await child.exited;
  clearTimeout(force);
}

/** Asks every few milliseconds until the answer is neither undefined nor false. Throws after 30 s. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  seconds = 30,
): Promise<T> {
  const deadlineMs = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadlineMs) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await Bun.sleep(10);
  }
}
