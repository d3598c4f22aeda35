/** `fed`: parses, calls one verb or the API, renders. Exit codes are in src/cli/exit-codes.ts. */
import { loadConfig } from "../config.ts";
import { FederationError } from "../errors.ts";
import type { Command } from "./command.ts";
import { commands } from "./commands.ts";
import type { ExitCode } from "./exit-codes.ts";
import { reportError } from "./report-error.ts";
import { usage, usageOf } from "./usage.ts";

const [name = "help", ...args] = process.argv.slice(2);
const command = commands.find((candidate) => candidate.name === name);
const explained = commands.find((candidate) => name === "help" && candidate.name === args[0]);
if (explained) {
  process.stdout.write(usageOf(explained));
  process.exit(0);
}
if (!command) {
  process.stderr.write(usage(commands, name));
  process.exit(name === "help" || name === "--help" ? 0 : 2);
}
// `fed … | head` has read enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
try {
  process.exitCode = await run(command, args);
} catch (error) {
  process.exitCode = reportError(error, args.includes("--json"));
}

async function run(chosen: Command, given: string[]): Promise<ExitCode> {
  let config;
  try {
    config = loadConfig();
  } catch (error) {
    if (!chosen.misconfigured || !(error instanceof FederationError)) throw error;
    return chosen.misconfigured(given, error);
  }
  return await chosen.run(given, config);
}
