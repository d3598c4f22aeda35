import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { writeManifest } from "./release.ts";

const options = {
  to: { type: "string" },
  tests: { type: "string" },
  "manifest-out": { type: "string" },
} as const;

export const promote: Command = {
  name: "promote",
  synopsis: "<release> --to production|staging --tests <url or text> [--manifest-out file]",
  summary: "sign for another environment that a release was proven here; says what is missing",
  async run(args, config) {
    const { values, positionals } = parse(args, ["release"], options);
    const [name = ""] = positionals;
    const { to, tests } = values;
    if (to === undefined) throw new FederationError("usage", "Say where to: --to.");
    const client = await connect(config);
    const body = { to, ...(tests !== undefined && { tests }) };
    const manifest = await client.send("POST", `/releases/${encodeURIComponent(name)}/promote`, body);
    await writeManifest(manifest, values["manifest-out"]);
    return exitCodes.ok;
  },
};
