import { diagnose } from "../../doctor/diagnose.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { localSettings } from "../database-urls.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";

export const doctor: Command = {
  name: "doctor",
  synopsis: "",
  summary: "find the usual mistakes and say the remedy",
  async run(args, config) {
    const { json } = parse(args, [], {});
    const findings = await diagnose(await localSettings(config));
    if (json) printJson(findings);
    for (const { level, what, remedy } of json ? [] : findings) {
      printLine(
        `${level === "ok" ? "✓" : level === "warning" ? "!" : "✗"} ${what}${remedy ? `\n    ${remedy}` : ""}`,
      );
    }
    return findings.some((finding) => finding.level === "error") ? exitCodes.findings : exitCodes.ok;
  },
};
