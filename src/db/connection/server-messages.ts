/** What the server says, cut into its messages (Postgres protocol 3.0, "Message Formats"). */
export type ServerMessages = ReturnType<typeof readServerMessages>;

export type Phase = "starting" | "fetching types" | "open";

const headerBytes = 5;
const errorResponse = "E".charCodeAt(0);
const readyForQuery = "Z".charCodeAt(0);

/** "The server is ready, and in no transaction." */
export const readyMessage: Buffer = Buffer.from([readyForQuery, 0, 0, 0, 5, "I".charCodeAt(0)]);

/**
 * Reads along. An error that ends the connection is kept from the driver, which would answer the next connection's
 * first query with it; so is a failure of the driver's own query for types, which would end the process.
 */
export function readServerMessages(fetchesTypes: boolean) {
  let held: Buffer = Buffer.alloc(0);
  // Of a message whose beginning has passed.
  let bytesToCome = 0;
  let phase: Phase = "starting";

  function advance() {
    phase = phase === "starting" && fetchesTypes ? "fetching types" : "open";
  }

  return {
    get phase(): Phase {
      return phase;
    },
    /** What may pass to the driver: whole messages only until the connection is open; and what ends the connection. */
    read(chunk: Buffer): { passing: Buffer; failure?: Error } {
      const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      let at = bytesToCome;
      while (at + headerBytes <= bytes.length) {
        const type = bytes[at];
        const next = at + 1 + bytes.readUInt32BE(at + 1);
        if (next > bytes.length && (phase !== "open" || type === errorResponse)) break;
        if (type === errorResponse) {
          const error = parseError(bytes.subarray(at + headerBytes, next));
          if (phase === "fetching types" || error.isFatal) {
            return { passing: bytes.subarray(0, at), failure: error.error };
          }
        }
        if (type === readyForQuery && phase !== "open") advance();
        at = next;
      }
      bytesToCome = Math.max(0, at - bytes.length);
      held = bytes.subarray(at);
      return { passing: bytes.subarray(0, at) };
    },
  };
}

const fatal = new Set(["FATAL", "PANIC"]);

function parseError(fields: Buffer): { error: Error; isFatal: boolean } {
  const given = new Map(
    fields
      .toString("utf8")
      .split("\0")
      .map((field) => [field.charAt(0), field.slice(1)]),
  );
  const severity = given.get("V") ?? given.get("S") ?? "";
  const error = Object.assign(new Error(given.get("M")), {
    name: "PostgresError",
    severity,
    code: given.get("C"),
    detail: given.get("D"),
    hint: given.get("H"),
  });
  return { error, isFatal: fatal.has(severity) };
}
