import { diagnose } from "../../doctor/diagnose.ts";
import { diagnoseProblems } from "../../doctor/diagnose-problems.ts";
import { type Diagnosis, processes } from "../../doctor/diagnosis.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { localSettings } from "../database-urls.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { FederationError } from "../../errors.ts";
import { printJson, printLine } from "../print.ts";

export const doctor: Command = {
  name: "doctor",
  synopsis: "[--process web|worker]",
  summary: "find the usual mistakes and say the remedy",
  async run(args, config) {
    const { json, process } = optionsOf(args);
    return report(await diagnose({ config: await localSettings(config), process }), json);
  },
  misconfigured(args, { errors }) {
    return report(diagnoseProblems(errors), optionsOf(args).json);
  },
};

function optionsOf(args: string[]) {
  const { json, values } = parse(args, [], { process: { type: "string" } });
  const process = processes.find((name) => name === (values.process ?? "worker"));
  if (!process) throw new FederationError("usage", `--process is ${processes.join(" or ")}`);
  return { json, process };
}

function report(findings: readonly Diagnosis[], json: boolean): ExitCode {
  if (json) printJson(findings);
  for (const { level, what, remedy } of json ? [] : findings) {
    printLine(
      `${level === "ok" ? "✓" : level === "warning" ? "!" : "✗"} ${what}${remedy ? `\n    ${remedy}` : ""}`,
    );
  }
  return findings.some(({ level }) => level === "error") ? exitCodes.findings : exitCodes.ok;
}
