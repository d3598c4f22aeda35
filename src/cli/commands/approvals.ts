import { z } from "zod";
import { FederationError } from "../../errors.ts";
import { versionChange } from "../../departments/config/config-change.ts";
import { parse } from "../arguments.ts";
import { changeLines } from "../change-lines.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

const page = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      action: z.string(),
      target: z.string(),
      department_id: z.string().nullable(),
      requested_by: z.string(),
      status: z.string(),
      expires_at: z.string(),
      change: versionChange.nullable(),
    }),
  ),
});
const options = { reason: { type: "string" }, status: { type: "string", default: "requested" } } as const;

export const approvals: Command = {
  name: "approvals",
  synopsis: "list [--status s] | approve <id> | reject <id> [--reason text]",
  summary: "what waits for a second person",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["list|approve|reject", "[id]"], options);
    const [verb, id] = positionals;
    const client = await connect(config);
    if (verb === "list" && id === undefined) {
      const answer = await client.get(`/approvals?limit=200&status=${encodeURIComponent(values.status)}`);
      const { items } = page.parse(answer);
      if (json) printJson(items);
      else printApprovals(items);
      return exitCodes.ok;
    }
    if ((verb !== "approve" && verb !== "reject") || id === undefined)
      throw new FederationError("usage", "Expected: list, approve <id> or reject <id>");
    const body = verb === "reject" && values.reason !== undefined ? { reason: values.reason } : {};
    printJson(await client.send("POST", `/approvals/${id}/${verb}`, body));
    return exitCodes.ok;
  },
};

function printApprovals(items: z.infer<typeof page>["items"]): void {
  const rows = items.map((item) => [
    item.id,
    item.action,
    item.department_id ?? item.target,
    item.requested_by,
    item.status,
    item.expires_at,
  ]);
  printTable(["id", "action", "of", "asked by", "status", "until"], rows);
  for (const { id, change } of items) {
    if (!change) continue;
    printLine(`\n${id}, from version ${change.from_version}:`);
    for (const line of changeLines(change.changes)) printLine(line);
  }
}
