import { closeSync, openSync } from "node:fs";
import { type Cluster, serverEnvironment } from "./cluster.ts";
import { readLockFile } from "./lock-file.ts";

export type ServerProcess = Bun.Subprocess;

/** Recovery after a crash replays up to a gigabyte of log. */
const readySeconds = 120;
const endSeconds = 20;

/** Spawns the postmaster and answers it once it takes connections; undefined when it ended or was told to. */
export async function launchServer(
  cluster: Cluster,
  port: number,
  signal: AbortSignal,
): Promise<ServerProcess | undefined> {
  const child = spawnServer(cluster, port);
  const startedMs = performance.now();
  while (isAlive(child)) {
    const lock = readLockFile(cluster.directory);
    if (lock?.pid === child.pid && lock.status === "ready") return child;
    if (signal.aborted || performance.now() - startedMs > readySeconds * 1000) await endServer(child);
    await Bun.sleep(5);
  }
  return undefined;
}

/** Fast shutdown, then harsher ways after 20 s each; the data survive all of them. */
export async function endServer(child: ServerProcess): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    child.kill(signal);
    const sentMs = performance.now();
    while (isAlive(child) && performance.now() - sentMs < endSeconds * 1000) await Bun.sleep(5);
    if (!isAlive(child)) return;
  }
}

const isAlive = (child: ServerProcess) => child.exitCode === null && child.signalCode === null;

function spawnServer({ wrapper, binaries, directory, settings }: Cluster, port: number): ServerProcess {
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const log = openSync(`${directory}.log`, "a", 0o600);
  try {
    return Bun.spawn([...wrapper, binaries.postgres, "-D", directory, "-p", String(port), ...flags], {
      env: serverEnvironment,
      stdin: "ignore",
      stdout: log,
      stderr: log,
      // Ctrl-C in a terminal reaches the owner, which stops the server last.
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}
