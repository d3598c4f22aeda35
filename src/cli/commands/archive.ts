import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";

export const archive: Command = {
  name: "archive",
  synopsis: "<department id> --out file",
  summary: "the last export of a department that was taken away: gzipped JSON lines, not encrypted",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["department id"], { out: { type: "string" } });
    const { out } = values;
    if (out === undefined) throw new FederationError("usage", "Say where with --out <file>.");
    const client = await connect(config);
    const bytes = await client.stream(`/departments/${encodeURIComponent(positionals[0] ?? "")}/archive`);
    await pipeline(Readable.fromWeb(bytes as never), createWriteStream(out, { mode: 0o600 }));
    if (json) printJson({ written: out });
    else printLine(`written: ${out}`);
    return exitCodes.ok;
  },
};
