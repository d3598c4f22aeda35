// The only transaction helper. `sql.begin()` of postgres.js hands connections back to the pool inside a
// transaction when many queries are queued (porsager/postgres #823), and `release()` of a connection that
// died poisons the pool (#1199). So a connection is reserved, and it goes back to the pool only by the
// driver's own look at the server's transaction status after commit or rollback: idle, or not at all.
import type postgres from "postgres";
import { FederationError, unavailable } from "../errors.ts";

export type Sql = postgres.Sql;
/** What runs inside a transaction: tagged template, `unsafe`, `json`, `array`. */
export type Tx = postgres.ISql;

export interface TxOptions {
  isolation?: "read committed" | "repeatable read" | "serializable";
}

/**
 * Runs `fn` in one transaction and answers its value after a commit that really happened.
 * An error of `fn` rolls back and wins; nothing is retried. Throws `transaction_aborted` when `fn` swallowed the failure
 * of a statement, `database_unavailable` (retryable) when the connection was lost before the commit, `commit_unknown`
 * when it was lost during the commit.
 */
export async function withTx<T>(
  sql: Sql,
  fn: (tx: Tx) => Promise<T>,
  { isolation = "read committed" }: TxOptions = {},
): Promise<T> {
  const lease = await openTx(sql, isolation);
  let value: T;
  try {
    value = await Promise.race([fn(lease.tx), lease.loss]);
  } catch (error) {
    await rollback(lease);
    throw isConnectionError(error) ? lost(error) : error;
  }
  await commit(lease);
  return value;
}

/**
 * Runs `fn` on one connection, outside any transaction: statements it sends without waiting travel together and are
 * carried out in order, each committed before the next. Throws `database_unavailable` when the connection was lost.
 */
export async function withConnection<T>(sql: Sql, fn: (connection: Tx) => Promise<T>): Promise<T> {
  const reserved = await reserve(sql);
  let connection: Connection | undefined;
  let isLost = false;
  const loss = expectLoss(() => (isLost = true));
  const onexecute = (used: Connection) => {
    used.onclose = loss.onclose;
    return Boolean((connection = used));
  };
  // Travels ahead of fn's first statement, only to learn which connection it is.
  reserved.unsafe("", [], { prepare: false, onexecute } as object).catch(() => {});
  try {
    return await Promise.race([fn(reserved), loss.promise]);
  } catch (error) {
    if (!isConnectionError(error)) throw error;
    isLost = true;
    throw lost(error);
  } finally {
    if (connection) connection.onclose = null;
    if (!isLost) reserved.release();
  }
}

async function rollback(lease: Lease) {
  // Of the driver's own sockets an error comes before the close; a write in between would jam that connection for good.
  await new Promise(setImmediate);
  if (lease.state !== "lost") await finish(lease, "rollback").catch(() => {});
}

async function commit(lease: Lease) {
  if (lease.state === "lost") throw lost();
  const { command } = await finish(lease, "commit").catch((error: unknown) => {
    throw isConnectionError(error) ? commitUnknown(error) : error;
  });
  if (command !== "COMMIT") {
    throw new FederationError("transaction_aborted", "A statement failed, so nothing was saved.");
  }
}

interface Connection {
  reserved: { release?: boolean } | null;
  onclose: ((cause: unknown) => void) | null;
}

interface Lease {
  tx: Tx;
  reserved: postgres.ReservedSql;
  connection: Connection;
  state: "open" | "done" | "lost";
  loss: Promise<never>;
}

/** What waits in the driver behind another statement never settles when the connection is lost (#1186). */
function expectLoss(note: () => void) {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const onclose = (cause: unknown) => {
    note();
    // The statement under way failed just now, and knows the reason better.
    setImmediate(() => reject(lost(cause)));
  };
  return { promise, onclose };
}

async function openTx(sql: Sql, isolation: string): Promise<Lease> {
  const reserved = await reserve(sql);
  let connection: Connection | undefined;
  // onexecute is how postgres.js itself learns which connection a query went to.
  const options = { prepare: false, onexecute: (used: Connection) => Boolean((connection = used)) };
  await reserved.unsafe(`begin isolation level ${isolation}`, [], options).catch((error: unknown) => {
    if (isConnectionError(error)) throw lost(error);
    reserved.release();
    throw error;
  });
  // Behind 100 pipelined queries it is not called, so ask again with an empty one.
  if (!connection) await reserved.unsafe("", [], options);
  if (!connection) throw new FederationError("internal", "The driver did not name its connection.");
  const loss = expectLoss(() => (lease.state = "lost"));
  const lease: Lease = { tx: reserved, reserved, connection, state: "open", loss: loss.promise };
  lease.tx = guarded(lease);
  connection.onclose = loss.onclose;
  return lease;
}

async function finish(lease: Lease, command: "commit" | "rollback") {
  lease.state = "done";
  lease.connection.onclose = null;
  // Without `release` the driver returns the connection by itself once the server says "idle".
  if (lease.connection.reserved) lease.connection.reserved.release = false;
  return await lease.reserved.unsafe(command);
}

/** A handle kept beyond its transaction, or on a lost connection, must not reach another one's. */
function guarded(lease: Lease): Tx {
  const check = () => {
    if (lease.state === "lost") throw lost();
    if (lease.state === "done") throw new FederationError("internal", "The transaction is over.");
  };
  return new Proxy(lease.reserved, {
    apply: (target, self, args) => (check(), Reflect.apply(target, self, args)),
    get: (target, name) => (check(), Reflect.get(target, name)),
  });
}

const retryMs = 500;

/** A queued reserve() is forgotten when its connection closes (#1195), so it is asked for again. */
async function reserve(sql: Sql): Promise<postgres.ReservedSql> {
  // Without the types query a new connection never reaches the reserve that opened it.
  if (!sql.options.fetch_types) throw new FederationError("internal", "withTx needs fetch_types.");
  return await new Promise((resolve, reject) => {
    let settled = false;
    const ask = () => {
      void sql.reserve().then(
        (reserved) => {
          if (settled) return reserved.release();
          settle();
          resolve(reserved);
        },
        (error) => (settle(), reject(lost(error))),
      );
    };
    const timer = setInterval(ask, retryMs);
    const settle = () => ((settled = true), clearInterval(timer));
    ask();
  });
}

const connectionErrors = new Set([
  ...["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "CONNECTION_ENDED", "CONNECT_TIMEOUT"],
  ...["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT"],
  // admin_shutdown, crash_shutdown, cannot_connect_now, idle_in_transaction_session_timeout
  ...["57P01", "57P02", "57P03", "25P03"],
]);

const isConnectionError = (error: unknown) =>
  error instanceof Error && "code" in error && connectionErrors.has(String(error.code));

const lost = (cause?: unknown) =>
  unavailable("database_unavailable", "The database connection was lost; nothing was saved.", cause);

const commitUnknown = (cause: unknown) =>
  new FederationError(
    "commit_unknown",
    "The database connection was lost while saving; it may have been saved.",
    {
      status: 503,
      cause,
    },
  );
