import { z } from "zod";
import type { Client } from "../../client/client.ts";
import type { Command } from "../command.ts";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";

const answer = z.object({ access_token: z.string(), expires_in: z.number(), scope: z.string() });

const options = { "client-id": { type: "string" }, revoke: { type: "boolean" } } as const;

export const token: Command = {
  name: "token",
  synopsis: "(--client-id id < secret | --revoke < token)",
  summary: "exchange an API key for an access token, or end one; secret and token are read from stdin",
  async run(args, config) {
    const { values, json } = parse(args, [], options);
    if (values.revoke) return revoke(await connect(config), json);
    const id = values["client-id"];
    if (!id)
      throw new FederationError("usage", "Name the key with --client-id; its secret is read from stdin.");
    const secret = (await Bun.stdin.text()).trim();
    const client = await connect(config);
    const body = { grant_type: "client_credentials", client_id: id, client_secret: secret };
    const issued = answer.parse(await client.send("POST", "/token", body));
    if (json) printJson(issued);
    else printLine(issued.access_token);
    return exitCodes.ok;
  },
};

async function revoke(client: Client, json: boolean): Promise<ExitCode> {
  const text = (await Bun.stdin.text()).trim();
  if (text === "") throw new FederationError("usage", "Give the token on stdin.");
  await client.send("POST", "/token/revoke", { token: text });
  if (json) printJson({ revoked: true });
  else printLine("the token is no good any more");
  return exitCodes.ok;
}
