import { z } from "zod";
import { callBudgetView } from "../../call-budgets/list.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printTable } from "../print.ts";

const answer = z.object({ items: z.array(callBudgetView) });

export const budgets: Command = {
  name: "budgets",
  synopsis: "",
  summary: "the budgets of calls to providers, and who waits",
  async run(args, config) {
    const { json } = parse(args, [], {});
    const { items } = answer.parse(await (await connect(config)).get("/call-budgets"));
    if (json) printJson(items);
    else
      printTable(
        ["budget", "left", "blocked until", "waiting", "longest wait s"],
        items.map((item) => [
          item.name,
          Math.floor(item.tokens),
          item.blocked_until,
          item.waiting,
          Math.round(item.longest_wait_seconds),
        ]),
      );
    return exitCodes.ok;
  },
};
