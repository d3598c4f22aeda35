const resultMark = "BENCH_RESULT ";

/** Called in the child: hands the result to the parent, whatever else was printed. */
export function sendResult(result: unknown): void {
  process.stdout.write(`\n${resultMark}${JSON.stringify(result)}\n`);
}

/** Runs a script in a Bun process of its own and returns what it gave to `sendResult`. */
export async function runChild(script: string, args: readonly string[]): Promise<unknown> {
  const child = Bun.spawn([process.execPath, script, ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const code = await child.exited;
  const line = out.split("\n").findLast((text) => text.startsWith(resultMark));
  if (code !== 0 || line === undefined) {
    throw new Error(`${script} ${args[0] ?? ""} ended with ${code}:\n${(err || out).slice(-2000)}`);
  }
  return JSON.parse(line.slice(resultMark.length));
}
