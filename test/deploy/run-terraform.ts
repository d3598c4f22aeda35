/** Where it is installed; tests that need more than its parser are skipped without it. */
export const terraform = Bun.which("terraform");
if (!terraform)
  console.error("\nSKIPPED: what only terraform itself can tell; there is no terraform on the PATH.");

/** Runs it in a directory, with no settings of the user and no word to anybody outside. */
export async function runTerraform(directory: string, args: readonly string[], input = "") {
  if (!terraform) throw new Error("there is no terraform");
  const child = Bun.spawn([terraform, ...args], {
    cwd: directory,
    env: {
      PATH: process.env["PATH"],
      CHECKPOINT_DISABLE: "1",
      TF_CLI_CONFIG_FILE: "/dev/null",
      HOME: directory,
    },
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, err };
}
