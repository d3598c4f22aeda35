import type { Logger } from "pino";

export interface ProcessSpec {
  name: string;
  /** Program and arguments; secrets go through `env` only. */
  command: string[];
  env: Record<string, string | undefined>;
}

export interface RunningProcess {
  readonly name: string;
  pid(): number | undefined;
  /** SIGTERM, then SIGKILL after `withinMs`. */
  close(): Promise<void>;
}

const restartAfterMs = 200;
const restartAfterMsMax = 5000;
const steadyAfterMs = 10_000;
const closeWithinMs = 8000;

/**
 * Keeps one child process running: started again when it dies, later and later while it keeps dying, and ended with
 * its owner even when the owner is killed (setpriv, where the platform has it).
 */
export function keepRunning(spec: ProcessSpec, log: Logger): RunningProcess {
  let closing = false;
  let child: Bun.Subprocess | undefined;
  let delayMs = restartAfterMs;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const start = () => {
    const startedAtMs = performance.now();
    child = Bun.spawn([...tied(), ...spec.command], {
      env: spec.env,
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    });
    void child.exited.then((code) => {
      if (closing) return;
      delayMs =
        performance.now() - startedAtMs > steadyAfterMs
          ? restartAfterMs
          : Math.min(delayMs * 2, restartAfterMsMax);
      log.warn({ process: spec.name, code, restart_ms: delayMs }, "process ended, starting it again");
      timer = setTimeout(start, delayMs);
    });
  };

  start();
  return {
    name: spec.name,
    pid: () => child?.pid,
    async close() {
      closing = true;
      clearTimeout(timer);
      const ending = child;
      if (!ending || ending.exitCode !== null) return;
      ending.kill("SIGTERM");
      const force = setTimeout(() => ending.kill("SIGKILL"), closeWithinMs);
      await ending.exited;
      clearTimeout(force);
    },
  };
}

function tied(): string[] {
  return process.platform === "linux" && Bun.which("setpriv")
    ? ["setpriv", "--pdeathsig", "SIGTERM", "--"]
    : [];
}
