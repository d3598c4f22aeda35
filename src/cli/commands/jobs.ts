import { z } from "zod";
import { FederationError } from "../../errors.ts";
import { failedJob, queueView } from "../../queue/queue-view.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printTable } from "../print.ts";

export const jobs: Command = {
  name: "jobs",
  synopsis: "[queue] [--retry id]",
  summary: "the queues, a queue's failed jobs, one of them again",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["[queue]"], { retry: { type: "string" } });
    const [queue] = positionals;
    const client = await connect(config);
    if (queue === undefined) {
      if (values.retry !== undefined) throw new FederationError("usage", "Name the job's queue, too.");
      const items = z.array(queueView).parse((await client.get("/queues"))["items"]);
      if (json) printJson(items);
      else
        printTable(
          ["queue", "waiting", "active", "failed", "oldest"],
          items.map(({ name, waiting, active, failed, oldest }) => [name, waiting, active, failed, oldest]),
        );
      return exitCodes.ok;
    }
    const path = `/queues/${encodeURIComponent(queue)}`;
    if (values.retry !== undefined) {
      printJson(await client.send("POST", `${path}/jobs/${encodeURIComponent(values.retry)}/retry`, {}));
      return exitCodes.ok;
    }
    const items = z.array(failedJob).parse((await client.get(`${path}/failed`))["items"]);
    if (json) printJson(items);
    else
      printTable(
        ["id", "failed at", "retries", "error"],
        items.map(({ id, failed_at, retries, error }) => [id, failed_at, retries, error]),
      );
    return exitCodes.ok;
  },
};
