// A real Postgres for a machine that has none: the binaries come from npm, the data live in one directory.
// It works as root (in a user namespace) and as an ordinary user, on loopback only, with a password.
// Who starts it owns it: it ends with its owner, even by kill -9, and the owner starts it again when it dies.
// Whoever comes second, even at the same instant, adopts the running server: Postgres's own lock file decides.
// Beside the data lie `<directory>.password`, `.port` (kept while it is free) and `.log`.
import { mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { acquireServer } from "./embedded/acquire-server.ts";
import { findBinaries } from "./embedded/find-binaries.ts";
import { initDirectory } from "./embedded/init-directory.ts";
import { superviseServer } from "./embedded/supervise-server.ts";
import { wrapCommand } from "./embedded/wrap-command.ts";

export interface EmbeddedOptions {
  directory: string;
  /** 0: the port of the last time, or another one when that is taken. */
  port?: number;
  /** Server settings over the defaults, as in postgresql.conf. */
  settings?: Record<string, string>;
  log?: (message: string) => void;
}

export interface EmbeddedPostgres {
  /** The superuser's. */
  url: string;
  port: number;
  /** True when another process owns the server: `stop` then does nothing. */
  adopted: boolean;
  /** The postmaster's; another one after a restart. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

const defaults = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "256MB",
  jit: "off",
};

/**
 * Starts the server of a directory, or adopts the one that runs; answers once it takes queries. Throws
 * `embedded_postgres_missing` (no binaries for this platform), `embedded_postgres_unusable` (they cannot run here) or
 * `embedded_postgres_failed` (with the end of the server's log as cause).
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { port = 0, settings, log = () => {} } = options;
  const directory = await resolveDirectory(options.directory);
  const binaries = await findBinaries();
  const wrapper = await wrapCommand(binaries, log);
  const password = await initDirectory({ directory, binaries, wrapper, sync: settings?.["fsync"] !== "off" });
  const cluster = { directory, binaries, wrapper, password, settings: { ...defaults, ...settings } };
  const stopping = new AbortController();
  const running = await acquireServer(cluster, port, stopping.signal);
  const found = { url: running.url, port: running.port };
  if (!running.child) return { ...found, adopted: true, pid: running.pid, stop: () => Promise.resolve() };
  const supervisor = superviseServer(cluster, { ...running, child: running.child }, stopping.signal, log);
  return {
    ...found,
    adopted: false,
    get pid() {
      return supervisor.pid;
    },
    async stop() {
      stopping.abort();
      await supervisor.ended;
    },
  };
}

async function resolveDirectory(directory: string): Promise<string> {
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  const named = join(await realpath(dirname(directory)), basename(directory));
  return await realpath(named).catch(() => named);
}
