import { z } from "zod";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

const shown = z.object({
  items: z.array(
    z.object({
      service: z.string(),
      status: z.string(),
      missing_scopes: z.array(z.string()),
      access_expires_at: z.string().nullable(),
      failure_code: z.string().nullable(),
    }),
  ),
});
const started = z.object({ consent_url: z.string(), expires_at: z.string() });

export const credentials: Command = {
  name: "credentials",
  synopsis: "(show | start | revoke) <department>",
  summary: "what a department may do at Google, a link by which a person consents, the end of the access",
  async run(args, config) {
    const { positionals, json } = parse(args, ["action", "department"], {});
    const [action, department = ""] = positionals;
    const client = await connect(config);
    const query = new URLSearchParams({ department_id: department });
    if (action === "show") {
      const answer = await client.get(`/departments/${encodeURIComponent(department)}/credentials`);
      if (json) printJson(answer);
      else printCredentials(shown.parse(answer).items);
    } else if (action === "start") {
      const answer = await client.get(`/oauth/google/start?${query}`);
      const { consent_url: url, expires_at: end } = started.parse(answer);
      if (json) printJson(answer);
      else printLine(`${url}\nTo be opened once, by whoever consents, until ${end}.`);
    } else if (action === "revoke") {
      await client.send("DELETE", `/oauth/google?${query}`);
      if (json) printJson({ department_id: department, revoked: true });
      else printLine(`${department} has no access to Google any more`);
    } else throw new FederationError("usage", "Actions: show, start, revoke.");
    return exitCodes.ok;
  },
};

function printCredentials(items: z.infer<typeof shown>["items"]): void {
  const head = ["service", "status", "not granted", "token until", "failure"];
  const rows = items.map((item) => [
    item.service,
    item.status,
    item.missing_scopes.join(", ") || null,
    item.access_expires_at,
    item.failure_code,
  ]);
  printTable(head, rows);
}
