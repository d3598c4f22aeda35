import { startInstallation } from "../../up/start-installation.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { exitCodes } from "../exit-codes.ts";

const options = {
  "no-examples": { type: "boolean" },
  /** Ends once everything is up; for scripts and measurements. */
  once: { type: "boolean" },
} as const;

export const up: Command = {
  name: "up",
  synopsis: "[--no-examples] [--once]",
  summary: "everything on this machine: Postgres, web, worker, agents, example departments",
  async run(args, config) {
    const { values } = parse(args, [], options);
    const ended = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => ended.abort());
    const installation = await startInstallation(config, {
      examples: !values["no-examples"],
      ended: ended.signal,
    });
    try {
      if (!values.once) await installation.untilEnded();
    } finally {
      await installation.close();
    }
    return exitCodes.ok;
  },
};
