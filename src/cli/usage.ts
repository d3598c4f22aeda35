import type { Command } from "./command.ts";

/** The help text; a name that is no command is said first. */
export function usage(commands: readonly Command[], asked: string): string {
  const unknown = asked === "help" || asked === "--help" ? "" : `fed: there is no command ${asked}\n\n`;
  const width = Math.max(...commands.map((command) => command.name.length + command.synopsis.length)) + 3;
  const lines = commands.map(
    ({ name, synopsis, summary }) => `  ${`${name} ${synopsis}`.padEnd(width)}${summary}`,
  );
  return `${unknown}usage: fed <command> [options]   (--json everywhere)\n\n${lines.join("\n")}\n`;
}

/** What `fed help <command>` says of one command. */
export const usageOf = ({ name, synopsis, summary }: Command): string =>
  `usage: ${`fed ${name} ${synopsis}`.trimEnd()} [--json]\n\n${summary}\n`;
