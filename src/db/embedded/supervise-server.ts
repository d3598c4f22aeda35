import { acquireServer, type RunningServer } from "./acquire-server.ts";
import type { Cluster } from "./cluster.ts";
import { endServer, type ServerProcess } from "./launch-server.ts";

export interface Supervisor {
  readonly pid: number | undefined;
  /** Settles once the server was stopped. */
  ended: Promise<void>;
}

type OwnServer = RunningServer & { child: ServerProcess };

/** Starts the server again on its port whenever it dies, until the signal; then stops it. */
export function superviseServer(
  cluster: Cluster,
  first: OwnServer,
  signal: AbortSignal,
  log: (message: string) => void,
): Supervisor {
  let current: RunningServer | undefined = first;
  const stop = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );

  async function supervise() {
    while (current?.child) {
      await Promise.race([current.child.exited, stop]);
      if (signal.aborted) return await endServer(current.child);
      log("the embedded Postgres ended; starting it again");
      current = undefined;
      current = await restart();
    }
  }

  async function restart(): Promise<RunningServer | undefined> {
    while (!signal.aborted) {
      try {
        const server = await acquireServer(cluster, first.port, signal);
        if (!server.child)
          log(`another process started the embedded Postgres on port ${server.port} and owns it now`);
        return server;
      } catch (error) {
        if (!signal.aborted) log(`the embedded Postgres does not start, trying again: ${String(error)}`);
      }
    }
    return undefined;
  }

  return {
    get pid() {
      return current?.pid;
    },
    ended: supervise(),
  };
}
