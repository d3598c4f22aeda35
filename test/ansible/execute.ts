interface Options {
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string;
  seconds?: number;
}

/** What a command printed. Throws with its last lines when it fails or takes longer than `seconds` (60). */
export async function execute(command: readonly string[], options: Options = {}): Promise<string> {
  const child = Bun.spawn([...command], {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdin: options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
    stdout: "pipe",
    stderr: "pipe",
    timeout: (options.seconds ?? 60) * 1000,
    killSignal: "SIGKILL",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) === 0) return out;
  const reason = child.signalCode ? `ended by ${child.signalCode}` : `exit code ${child.exitCode}`;
  throw new Error(`${command.slice(0, 12).join(" ")}: ${reason}\n${`${out}\n${err}`.slice(-4000)}`);
}
