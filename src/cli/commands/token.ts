import { z } from "zod";
import type { Command } from "../command.ts";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";

const answer = z.object({ access_token: z.string(), expires_in: z.number(), scope: z.string() });

export const token: Command = {
  name: "token",
  synopsis: "--client-id id < secret",
  summary: "exchange an API key for an access token; the secret is read from stdin",
  async run(args, config) {
    const { values, json } = parse(args, [], { "client-id": { type: "string" } });
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
