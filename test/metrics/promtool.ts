/** Prometheus' own checker, from Debian's package `prometheus`; null where it is not on the PATH. */
export const promtool = Bun.which("promtool");
if (!promtool)
  console.error(
    "\nSKIPPED: what only promtool can tell about metrics and alert rules; it is not on the PATH.",
  );

/** Runs promtool with `input`, and answers what it says. */
export async function runPromtool(
  args: readonly string[],
  input = "",
): Promise<{ exitCode: number; output: string }> {
  const child = Bun.spawn([promtool ?? "promtool", ...args], {
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { exitCode: await child.exited, output: output.join("").trim() };
}
