import type { Config } from "../config.ts";
import type { FederationError } from "../errors.ts";
import type { ExitCode } from "./exit-codes.ts";

export interface Command {
  name: string;
  summary: string;
  /** Arguments and options as shown by `fed help`. */
  synopsis: string;
  run(args: string[], config: Readonly<Config>): Promise<ExitCode>;
  /** In place of `run` when the environment does not fit (`bad_configuration`). */
  misconfigured?(args: string[], error: FederationError): ExitCode;
}
