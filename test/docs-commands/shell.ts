import { join } from "node:path";
import { type DocsWorld } from "./world.ts";
import { root } from "./shell-lines.ts";

export type Shell = ReturnType<typeof openShell>;

/** What a reader calls `fed`; and a curl that fails where the API refuses. */
const words = `
fed() { "${process.execPath}" "${join(root, "src/cli/main.ts")}" "$@"; }
bun() { "${process.execPath}" "$@"; }
curl() { command curl --silent --show-error --fail-with-body --max-time 30 "$@"; }
`;
const lineSecondsMax = 50;

/** One bash for the commands of a page: what a line sets is there for the next. */
export function openShell({ environment, ...world }: DocsWorld, directory = world.directory) {
  const child = Bun.spawn(["bash", "--noprofile", "--norc"], {
    cwd: directory,
    env: environment,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  void child.stdin.write(words);

  return {
    /** Sets variables in the way of the docs' comments ("KEY = ..."). */
    set(values: Record<string, string>) {
      for (const [name, value] of Object.entries(values))
        void child.stdin.write(`export ${name}='${value.replaceAll("'", `'\\''`)}'\n`);
    },
    /** Runs one line as it stands and answers what it printed and its exit code. */
    async run(line: string): Promise<{ exitCode: number; output: string }> {
      const mark = `ended-${crypto.randomUUID()}`;
      void child.stdin.write(`{ ${line}\n} </dev/null 2>&1\necho "${mark} $?"\n`);
      void child.stdin.flush();
      const late = setTimeout(() => child.kill("SIGKILL"), lineSecondsMax * 1000);
      let output = "";
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return { exitCode: -1, output: `${output}(the shell ended, or the line took too long)` };
          output += decoder.decode(value, { stream: true });
          const [, before = "", code] = new RegExp(`^(.*)${mark} (\\d+)\\n`, "s").exec(output) ?? [];
          if (code !== undefined) return { exitCode: Number(code), output: before };
        }
      } finally {
        clearTimeout(late);
      }
    },
    async close() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
