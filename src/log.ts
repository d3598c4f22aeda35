import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "./config.ts";

/** One JSON line an event, to stdout. Errors are logged with their private cause; secrets print as `[secret]`. */
export function createLog(
  config: Pick<Config, "logLevel">,
  process: string,
  destination?: DestinationStream,
): Logger {
  return pino({ level: config.logLevel, base: { process }, messageKey: "message" }, destination);
}
