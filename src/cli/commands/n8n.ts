import { readFile } from "node:fs/promises";
import { z } from "zod";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { listAll } from "../list-all.ts";
import { printJson, printLine } from "../print.ts";

const instance = z.object({
  id: z.string(),
  status: z.string(),
  base_url: z.string(),
  department_id: z.string().nullable(),
});
const options = {
  "base-url": { type: "string" },
  "webhook-url": { type: "string" },
  "api-key-file": { type: "string" },
} as const;

export const n8n: Command = {
  name: "n8n",
  synopsis: "(list | add --base-url url [--webhook-url url] --api-key-file file | retire <id>)",
  summary: "the pool of n8n instances for departments that have one of their own",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[id]"], options);
    const [action, id] = positionals;
    const client = await connect(config);
    if (action === "list") {
      const items = await listAll(client, "/n8n-instances", instance);
      if (json) printJson({ items });
      else
        for (const { id, status, base_url, department_id } of items)
          printLine(`${id}  ${status.padEnd(7)} ${base_url}  ${department_id ?? "-"}`);
    } else if (action === "add") {
      printJson(await client.send("POST", "/n8n-instances", await readInstance(values)));
    } else if (action === "retire" && id) {
      printJson(await client.send("POST", `/n8n-instances/${encodeURIComponent(id)}/retire`, {}));
    } else throw new FederationError("usage", "Actions: list, add, retire <id>.");
    return exitCodes.ok;
  },
};

/** The key comes from a file (or /dev/stdin): a command line is no place for one. */
async function readInstance(values: {
  "base-url"?: string;
  "webhook-url"?: string;
  "api-key-file"?: string;
}): Promise<object> {
  const { "base-url": baseUrl, "webhook-url": webhookUrl, "api-key-file": file } = values;
  if (baseUrl === undefined || file === undefined)
    throw new FederationError("usage", "Give --base-url and --api-key-file.");
  const apiKey = (await readFile(file, "utf8")).trim();
  return {
    base_url: baseUrl,
    api_key: apiKey,
    ...(webhookUrl !== undefined && { webhook_url: webhookUrl }),
  };
}
