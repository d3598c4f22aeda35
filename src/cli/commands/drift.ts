import { z } from "zod";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

const found = z.object({ id: z.string(), name: z.string() });
const view = z.object({
  in_sync: z.boolean(),
  workflows: z.array(
    z.object({
      key: z.string(),
      id: z.string().nullable(),
      problems: z.array(z.string()),
      template_version: z.number(),
      live_version: z.number().nullable(),
      changes: z.array(z.object({ path: z.string(), from: z.json().optional(), to: z.json().optional() })),
    }),
  ),
  credentials: z.array(z.object({ name: z.string(), problems: z.array(z.string()) })),
  leftovers: z.array(found.extend({ kind: z.string() })),
  foreign: z.array(found.extend({ path: z.string() })),
});

export const drift: Command = {
  name: "drift",
  synopsis: "<department>",
  summary: "what in n8n is not as the department's definition says",
  async run(args, config) {
    const { positionals, json } = parse(args, ["department"], {});
    const client = await connect(config);
    const answer = await client.get(`/departments/${positionals[0]}/drift`);
    if (json) printJson(answer);
    else print(view.parse(answer));
    return answer["in_sync"] === true ? exitCodes.ok : exitCodes.findings;
  },
};

function print({ workflows, credentials, leftovers, foreign }: z.infer<typeof view>): void {
  const state = (problems: string[]) => (problems.length === 0 ? "in sync" : problems.join(", "));
  printTable(
    ["workflow", "id", "template", "live", "state"],
    workflows.map((one) => [one.key, one.id, one.template_version, one.live_version, state(one.problems)]),
  );
  for (const { name, problems } of credentials) {
    if (problems.length > 0) printLine(`credential ${name}: ${state(problems)}`);
  }
  for (const { kind, id, name } of leftovers) printLine(`left over: ${kind} ${id} ${name}`);
  for (const { id, name, path } of foreign) printLine(`on the path ${path}: workflow ${id} ${name}`);
  for (const { key, changes } of workflows) {
    for (const { path, from, to } of changes)
      printLine(`${key} ${path}: ${JSON.stringify(from ?? null)} -> ${JSON.stringify(to ?? null)}`);
  }
}
