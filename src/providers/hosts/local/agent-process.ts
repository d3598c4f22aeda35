import type { AgentCommand } from "./agent-command.ts";
import type { AgentLog } from "./agent-log.ts";

export interface AgentProcess {
  pid: number;
  /** How the start went; settles at the latest when the process ends. */
  started: Promise<"listening" | "port_taken" | "ended">;
  ended: Promise<void>;
  /** SIGTERM, after `graceSeconds` SIGKILL; settles when the process is gone. */
  stop(graceSeconds: number): Promise<void>;
}

export interface AgentProcessOptions {
  command: AgentCommand;
  /** All the process gets to know: nothing of our own environment, nothing in its arguments. */
  environment: Record<string, string>;
  log: AgentLog;
}

/** What the agent's entry ends with when its port is taken. */
const portTaken = 98;
const listening = '"msg":"listening"';

/** Starts one agent; its output goes to its log. */
export function startAgentProcess({ command, environment, log }: AgentProcessOptions): AgentProcess {
  const process = Bun.spawn(command.argv, {
    cwd: command.directory,
    env: environment,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const heard = Promise.withResolvers<"listening">();
  const drained = Promise.all([
    drain(process.stdout, log, (text) => text.includes(listening) && heard.resolve("listening")),
    drain(process.stderr, log),
  ]);
  const ended = process.exited.then(() => drained).then(() => {});
  const failed = process.exited.then((code) => (code === portTaken ? "port_taken" : "ended"));
  return {
    pid: process.pid,
    started: Promise.race([heard.promise, failed]),
    ended,
    async stop(graceSeconds) {
      process.kill("SIGTERM");
      const timer = setTimeout(() => process.kill("SIGKILL"), graceSeconds * 1000);
      await process.exited;
      clearTimeout(timer);
      await ended;
    },
  };
}

async function drain(
  stream: ReadableStream<Uint8Array>,
  log: AgentLog,
  seen: (text: string) => void = () => {},
) {
  for await (const chunk of stream) {
    seen(new TextDecoder().decode(chunk));
    try {
      log.write(chunk);
    } catch {
      // A full disk costs the log, not the agent.
    }
  }
}
