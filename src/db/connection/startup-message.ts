const name = "federation.padding";
const value = " ".repeat(1024);

/**
 * For the driver's `connection` options. It flushes 1,024 bytes at once, but a startup message waits for a timer, which
 * is gone for good when something was waiting as the last connection closed.
 */
export const startupPadding = { [name]: value };

const padding = Buffer.from(`${name}\0${value}\0`);
const version = Buffer.from([0, 3, 0, 0]);
const cancelCode = 80_877_102;

export interface Startup {
  message: Buffer;
  /** A request to cancel a query, which the server does not answer. */
  isCancel: boolean;
}

/**
 * The startup message, without its padding, in the first bytes that the driver writes: what waited as the last
 * connection closed comes before it, and nothing after it. Throws when there is none.
 */
export function findStartup(written: Buffer): Startup {
  if (written.length === 16 && written.readInt32BE(4) === cancelCode) {
    return { message: written, isCancel: true };
  }
  // Names and values are text, so nothing in it looks like the version.
  const start = written.lastIndexOf(version) - 4;
  const at = start < 0 ? -1 : written.indexOf(padding, start);
  if (at < 0 || written.readInt32BE(start) !== written.length - start) {
    throw new Error("the driver began with something else than a startup message");
  }
  const message = Buffer.concat([written.subarray(start, at), written.subarray(at + padding.length)]);
  message.writeInt32BE(message.length, 0);
  return { message, isCancel: false };
}
