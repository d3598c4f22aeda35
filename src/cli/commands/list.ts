import { z } from "zod";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printTable } from "../print.ts";

const page = z.object({
  items: z.array(
    z.object({
      department_id: z.string(),
      name: z.string(),
      status: z.string(),
      host: z.string(),
      deployment_url: z.string().nullable(),
      created_at: z.string(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

export const list: Command = {
  name: "list",
  synopsis: "[--status s]",
  summary: "all departments",
  async run(args, config) {
    const { values, json } = parse(args, [], { status: { type: "string" } });
    const client = await connect(config);
    const items = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({
        limit: "100",
        ...(values.status && { status: values.status }),
        ...(cursor && { cursor }),
      });
      const answer = page.parse(await client.get(`/departments?${query}`));
      items.push(...answer.items);
      cursor = answer.next_cursor;
    } while (cursor !== null);
    if (json) printJson(items);
    else {
      const rows = items.map((item) => [
        item.department_id,
        item.status,
        item.host,
        item.deployment_url,
        item.created_at,
      ]);
      printTable(["department", "status", "host", "agent", "created"], rows);
    }
    return exitCodes.ok;
  },
};
