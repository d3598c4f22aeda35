import type { Config } from "../config.ts";
import type { ExitCode } from "./exit-codes.ts";

export interface Command {
  name: string;
  summary: string;
  /** Arguments and options as shown by `fed help`. */
  synopsis: string;
  run(args: string[], config: Readonly<Config>): Promise<ExitCode>;
}
