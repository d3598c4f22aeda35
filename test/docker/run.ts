export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs a command and answers what it printed; throws with that unless it ends well. */
export async function run(
  command: string[],
  options: { cwd?: string; env?: Record<string, string | undefined> } = {},
): Promise<string> {
  const ran = await tryRun(command, options);
  if (ran.code !== 0) throw new Error(`${command.join(" ")} ended with ${ran.code}:\n${ran.out}\n${ran.err}`);
  return ran.out;
}

export async function tryRun(
  command: string[],
  { cwd = ".", env = {} }: { cwd?: string; env?: Record<string, string | undefined> } = {},
): Promise<Ran> {
  const child = Bun.spawn(command, { cwd, env: { ...process.env, ...env }, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, err };
}
