import postgres from "postgres";
import { createOpenings } from "./connection/openings.ts";
import { ServerSocket } from "./connection/server-socket.ts";
import { startupPadding } from "./connection/startup-message.ts";
import { tlsMode } from "./connection/tls-mode.ts";
import { socketHost } from "./socket-host.ts";
import type { Sql } from "./tx.ts";

/** Opens a client of the driver on sockets of ours, which it survives losing; nothing connects yet. */
export function openClient(url: string, options: postgres.Options<Record<string, never>>): Sql {
  return postgres(url, {
    onnotice: () => {},
    ...options,
    ...socketHost(url),
    // The driver's own waiting time grows to 20 s and mixes up the order of its connections; its sockets wait instead.
    backoff: () => 0,
    connection: { ...options.connection, ...startupPadding },
    ssl: false,
    ...serverSockets(url),
  });
}

/** What the driver hands to `socket`, which its types leave out. */
interface DriverOptions {
  host: string[];
  port: number[];
  path: string | false;
  connect_timeout: number;
  fetch_types: boolean;
}

function serverSockets(url: string) {
  const tls = tlsMode(url);
  const openings = createOpenings();
  let turn = 0;
  // Must not throw: the driver would lose that connection of its pool for good.
  const socket = ({ host, port, path, connect_timeout, fetch_types }: DriverOptions) => {
    const index = turn++ % host.length;
    return new ServerSocket({
      address: { host: host[index] ?? "", port: port[index] ?? 0, path: path || undefined, tls },
      openSeconds: connect_timeout,
      fetchesTypes: fetch_types,
      openings,
    });
  };
  return { socket };
}
