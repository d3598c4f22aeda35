import net, { type Socket } from "node:net";
import tls from "node:tls";
import { FederationError } from "../../errors.ts";
import { closedError } from "./closed-error.ts";
import type { TlsMode } from "./tls-mode.ts";

export interface ServerAddress {
  host: string;
  port: number;
  /** Of a unix socket, which is used instead, and without TLS. */
  path: string | undefined;
  tls: TlsMode | undefined;
}

/**
 * Connects, with TLS where the address asks for it. Throws the system's error, `database_tls_missing` or
 * `database_tls_failed`; an abort of the signal ends it as a closed connection.
 */
export async function connectServer(address: ServerAddress, signal: AbortSignal): Promise<Socket> {
  const { host, port, path } = address;
  signal.throwIfAborted();
  const socket = path ? net.connect({ path }) : net.connect({ host, port });
  signal.addEventListener("abort", () => socket.destroy(), { once: true });
  // Errors after the ones that are waited for; they close it, too.
  socket.on("error", () => {});
  await reached(socket, "connect");
  if (path || !address.tls) return socket;
  if (!address.tls.direct && !(await offersTls(socket))) {
    if (address.tls.optional) return socket;
    socket.destroy();
    throw new FederationError("database_tls_missing", "The database server does not offer TLS.");
  }
  return await secure(socket, host, address.tls);
}

const tlsRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const offered = "S";

async function offersTls(socket: Socket): Promise<boolean> {
  socket.write(tlsRequest);
  // More than one byte would be from somebody in between, to be taken for the server's later.
  return String(await reached(socket, "data")) === offered;
}

async function secure(socket: Socket, host: string, { verified, direct }: TlsMode): Promise<Socket> {
  const secured = tls.connect({
    socket,
    host,
    ...(net.isIP(host) === 0 && { servername: host }),
    ...(direct && { ALPNProtocols: ["postgresql"] }),
    rejectUnauthorized: verified,
  });
  secured.on("error", () => {});
  try {
    await reached(secured, "secureConnect");
    return secured;
  } catch (error) {
    socket.destroy();
    if (error instanceof Error && !("syscall" in error) && !isClosed(error)) throw failed(error);
    throw error;
  }
}

const isClosed = (error: Error) => "code" in error && error.code === "CONNECTION_CLOSED";

const failed = (cause: Error) =>
  new FederationError("database_tls_failed", "The TLS of the database server is not accepted.", { cause });

/** What comes with an event; throws when the socket fails or closes before. */
async function reached(socket: Socket, event: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const close = () => reject(closedError());
  socket.once(event, resolve).once("error", reject).once("close", close);
  try {
    return await promise;
  } finally {
    socket.off(event, resolve).off("error", reject).off("close", close);
  }
}
