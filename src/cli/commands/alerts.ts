import { z } from "zod";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printTable } from "../print.ts";

const page = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      subject: z.string(),
      department_id: z.string().nullable(),
      severity: z.string(),
      summary: z.string(),
      status: z.string(),
      fired_at: z.string(),
      resolved_at: z.string().nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
});
type Item = z.infer<typeof page>["items"][number];
type Client = Awaited<ReturnType<typeof connect>>;

export const alerts: Command = {
  name: "alerts",
  synopsis: "[--all]",
  summary: "what is wrong now, or ever was",
  async run(args, config) {
    const { values, json } = parse(args, [], { all: { type: "boolean" } });
    const items = await readAll(await connect(config), values.all ? "" : "&status=firing");
    if (json) printJson(items);
    else printTable(["severity", "name", "of", "status", "since", "summary"], items.map(row));
    return exitCodes.ok;
  },
};

async function readAll(client: Client, filter: string): Promise<Item[]> {
  const all: Item[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const after: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = page.parse(await client.get(`/alerts?limit=200${filter}${after}`));
    all.push(...answer.items);
    cursor = answer.next_cursor;
  }
  return all;
}

const row = (item: Item) => [
  item.severity,
  item.name,
  item.department_id ?? item.subject,
  item.status,
  item.fired_at,
  item.summary,
];
