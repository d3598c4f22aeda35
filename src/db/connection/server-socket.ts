// What the driver takes for its socket (the version of package.json; it listens before it writes, and never awaits).
// It connects with the first bytes that are written. That a connection is lost reaches the driver in one piece, with
// all that it sent settled: between `error` and `close` of a `net.Socket` it takes in queries that never settle.
// 0030 in docs/decisions lists what else of the driver is made up for here.
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { closedError } from "./closed-error.ts";
import { connectServer, type ServerAddress } from "./connect-server.ts";
import type { Openings } from "./openings.ts";
import { readServerMessages, readyMessage, type ServerMessages } from "./server-messages.ts";
import { findStartup } from "./startup-message.ts";

export interface ServerSocketOptions {
  address: ServerAddress;
  /** Until the first query can be sent. */
  openSeconds: number;
  /** Whether the driver begins with a query of its own. */
  fetchesTypes: boolean;
  /** Of the pool. */
  openings: Openings;
}

/** A server that does not answer a goodbye is left after this time. */
const goodbyeMs = 5_000;

/** A connection to Postgres as the driver needs it: `error` and `close` come together, and once. */
export class ServerSocket extends EventEmitter {
  readonly host: string;
  readonly port: number;
  readonly #options: ServerSocketOptions;
  readonly #abort = new AbortController();
  readonly #messages: ServerMessages;
  #state: "new" | "opening" | "open" | "ending" | "over" = "new";
  #server: Socket | undefined;
  #isCancel = false;
  #keepAliveMs = 0;
  #timer: Timer | undefined;

  constructor(options: ServerSocketOptions) {
    super();
    this.#options = options;
    this.#messages = readServerMessages(options.fetchesTypes);
    ({ host: this.host, port: this.port } = options.address);
  }

  /** As of `net.Socket`; "open" also before, so that the driver ends one that is being opened. */
  get readyState(): "open" | "readOnly" | "closed" {
    if (this.#state === "over") return "closed";
    return this.#state === "ending" ? "readOnly" : "open";
  }

  setKeepAlive(_enable: boolean, afterMs: number): void {
    this.#keepAliveMs = afterMs;
  }

  write(data: Buffer, done?: (error?: Error | null) => void): boolean {
    if (this.#state === "new") return this.#open(data);
    if (this.#state !== "over" && this.#server) return this.#server.write(data, done);
    // Before the startup message it has nothing to say.
    this.#finish(closedError());
    if (done) process.nextTick(done, closedError());
    return false;
  }

  end(goodbye: Buffer): void {
    if (!this.#server) return this.destroy();
    this.#state = "ending";
    this.#server.end(goodbye);
    this.#limit(goodbyeMs);
  }

  /** The driver knows why. */
  destroy(): void {
    if (this.#state === "over") return;
    this.#close();
    this.emit("close");
    this.#options.openings.leave(this);
  }

  pause(): void {
    this.#server?.pause();
  }

  resume(): void {
    this.#server?.resume();
  }

  #open(written: Buffer): true {
    this.#state = "opening";
    this.#limit(this.#options.openSeconds * 1000);
    this.#connect(written).catch((error: Error) => this.#finish(error));
    return true;
  }

  async #connect(written: Buffer) {
    const { message, isCancel } = findStartup(written);
    this.#isCancel = isCancel;
    if (!isCancel) await this.#options.openings.enter(this, this.#abort.signal);
    const server = await connectServer(this.#options.address, this.#abort.signal);
    if (this.#abort.signal.aborted) return void server.destroy();
    this.#server = server;
    server.setNoDelay(true);
    if (this.#keepAliveMs > 0) server.setKeepAlive(true, this.#keepAliveMs);
    const closed = () => this.#finish(this.#isCancel || this.#state === "ending" ? undefined : closedError());
    server.on("data", (chunk: Buffer) => this.#hear(chunk));
    server.on("drain", () => this.emit("drain"));
    server.on("error", (error) => this.#finish(error));
    server.on("end", closed);
    server.on("close", closed);
    server.write(message);
  }

  #hear(chunk: Buffer) {
    const { passing, failure } = this.#messages.read(chunk);
    if (passing.length > 0) this.emit("data", passing);
    if (failure) return this.#finish(failure);
    if (this.#state === "opening" && this.#messages.phase === "open") {
      this.#state = "open";
      clearTimeout(this.#timer);
      this.#options.openings.leave(this);
    }
  }

  #limit(ms: number) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#finish(closedError()), ms);
  }

  #finish(failure?: Error) {
    if (this.#state === "over") return;
    this.#close();
    // Whoever was given this connection in this very turn has to have taken it before it closes.
    this.#options.openings.fail(this, () => setImmediate(() => this.#tell(failure)));
  }

  #close() {
    this.#state = "over";
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#server?.removeAllListeners("data").destroy();
  }

  #tell(failure: Error | undefined) {
    const tellEnd = () => {
      if (failure) this.emit("error", failure);
      this.emit("close");
    };
    if (this.#messages.phase !== "fetching types") return tellEnd();
    // Ends the driver's own query, whose failure would end the process. A waiting reserve() may get this connection.
    this.emit("data", readyMessage);
    setImmediate(tellEnd);
  }
}
