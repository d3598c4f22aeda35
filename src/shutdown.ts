import type { Logger } from "pino";

const closeWithinMs = 10_000;

/** On SIGTERM or SIGINT closes everything in the order given, then ends the process; bounded, and only once. */
export function closeOnSignal(log: Logger, closers: readonly (() => Promise<unknown>)[]): void {
  let closing = false;
  const close = async (signal: NodeJS.Signals) => {
    if (closing) return;
    closing = true;
    log.info({ signal }, "closing");
    setTimeout(() => process.exit(1), closeWithinMs).unref();
    for (const closer of closers) {
      await closer().catch((error: unknown) => log.error({ err: error }, "could not close cleanly"));
    }
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, (name) => void close(name));
}
