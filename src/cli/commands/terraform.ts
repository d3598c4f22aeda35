import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { constants } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";

const view = z.object({
  hcl: z.string(),
  departments: z.array(z.string()),
  left_out: z.array(z.object({ department_id: z.string(), reason: z.string() })),
});

export const terraform: Command = {
  name: "terraform",
  synopsis: "export [--out directory]",
  summary: "the departments on Railway as Terraform, with import blocks",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["export"], { out: { type: "string" } });
    if (positionals[0] !== "export") throw new FederationError("usage", "Actions: export.");
    const client = await connect(config);
    const answer = view.parse(await client.get("/terraform"));
    if (values.out !== undefined) await write(values.out, answer.hcl);
    if (json) printJson(answer);
    else if (values.out === undefined) process.stdout.write(answer.hcl);
    else printOutcome(values.out, answer);
    return exitCodes.ok;
  },
};

/** The provider's version is the one of the control plane's module; a file that is there may say more. */
async function write(directory: string, hcl: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "departments.tf"), hcl);
  const versions = new URL("../../../templates/terraform/control-plane/versions.tf", import.meta.url);
  await copyFile(versions, join(directory, "versions.tf"), constants.COPYFILE_EXCL).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
}

function printOutcome(directory: string, { departments, left_out: leftOut }: z.infer<typeof view>): void {
  printLine(`${join(directory, "departments.tf")}: ${departments.length} exported`);
  for (const { department_id: slug, reason } of leftOut) printLine(`not there: ${slug} (${reason})`);
}
