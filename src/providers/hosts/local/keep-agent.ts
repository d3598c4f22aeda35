import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { aborted } from "./aborted.ts";
import type { AgentCommand } from "./agent-command.ts";
import { openAgentLog } from "./agent-log.ts";
import { type AgentProcess, startAgentProcess } from "./agent-process.ts";
import { persist } from "./persist.ts";
import type { Ports } from "./ports.ts";
import type { DesiredAgent, LocalAgentStore } from "./store.ts";

export interface KeepOptions {
  store: LocalAgentStore;
  command: AgentCommand;
  logDirectory: string;
  log: Logger;
  ports: Ports;
  /** Bounds how many agents start at once. */
  startSlot: <T>(work: () => Promise<T>) => Promise<T>;
  /** Aborts when reports are no longer waited for. */
  givingUp: AbortSignal;
}

export interface KeptAgent {
  /** Restarts it when the version is another one. */
  update(agent: DesiredAgent): void;
  stop(): void;
  /** Settles when nothing runs and that is reported. */
  gone: Promise<void>;
}

const startSeconds = 10;
const graceSeconds = 5;
const pauseSeconds = { first: 0.2, most: 5 };
const healthySeconds = 30;
const portTries = 20;

/** Keeps one agent running, as the newest `update` wants it, until `stop`. */
export function keepAgent(first: DesiredAgent, options: KeepOptions): KeptAgent {
  const { store, ports, givingUp } = options;
  const { departmentId } = first;
  const log = options.log.child({ departmentId, slug: first.slug });
  const output = openAgentLog(join(options.logDirectory, `${departmentId}.log`));
  let wanted = first;
  let stopping = false;
  let life = new AbortController();
  let port = ports.take(departmentId, first.port);
  let opened: { spec: DesiredAgent; variables: Record<string, string> } | undefined;
  let reports = Promise.resolve<unknown>(undefined);

  /** Reports go out one after the other, so that an old one never overtakes a newer one. */
  const report = (signal: AbortSignal, work: () => Promise<unknown>) => {
    reports = reports.then(() => signal.aborted || persist("reporting an agent", work, signal, log));
  };

  async function keep() {
    const mayRun = await persist("claiming an agent", () => store.claim(departmentId), givingUp, log);
    let failures = 0;
    while (mayRun && !stopping) {
      life = new AbortController();
      const spec = wanted;
      const startedAt = performance.now();
      await live(spec, failures > 0).catch((err: unknown) => log.warn({ err }, "agent failed"));
      if (wanted !== spec || performance.now() - startedAt > healthySeconds * 1000) failures = 0;
      if (wanted === spec && !stopping) await pause(failures++);
      if (wanted !== spec) failures = 0;
    }
    ports.free(port);
    output.close();
    await reports;
    await persist("reporting a stop", () => store.reportStopped(departmentId), givingUp, log);
  }

  async function pause(failures: number) {
    const seconds = Math.min(pauseSeconds.most, pauseSeconds.first * 2 ** failures);
    log.warn({ pauseSeconds: seconds }, "agent ended, starting it again");
    await sleep(seconds * 1000, undefined, { signal: life.signal }).catch(() => {});
  }

  /** From start to end of one process. */
  async function live(spec: DesiredAgent, restarted: boolean) {
    const { signal } = life;
    const process = await options.startSlot(() => start(spec, signal));
    if (!process) return;
    const over = new AbortController();
    const { pid } = process;
    const running = { port, pid, specVersion: spec.specVersion, restarted };
    report(over.signal, () => store.reportRunning(departmentId, running));
    log.info({ pid, port, specVersion: spec.specVersion }, "agent runs");
    await Promise.race([process.ended, aborted(signal)]);
    over.abort();
    await process.stop(graceSeconds);
  }

  async function start(spec: DesiredAgent, signal: AbortSignal): Promise<AgentProcess | undefined> {
    if (signal.aborted) return undefined;
    // Kept for restarts: these must work while the database is away. Other variables are another version.
    if (opened?.spec !== spec) opened = { spec, variables: await spec.variables() };
    for (let tries = 0; tries < portTries && !signal.aborted; tries++) {
      const environment = { ...opened.variables, PORT: String(port), HOST: "127.0.0.1" };
      const process = startAgentProcess({ command: options.command, environment, log: output });
      const outcome = await Promise.race([process.started, aborted(signal), timeout(startSeconds)]);
      if (outcome === "listening") return process;
      await process.stop(graceSeconds);
      if (outcome === "aborted") break;
      if (outcome !== "port_taken") throw new Error(`the agent did not start: ${outcome}`);
      const taken = port;
      port = ports.take(departmentId, taken + 1);
      ports.free(taken);
    }
    return undefined;
  }

  return {
    update(agent) {
      if (agent.specVersion === wanted.specVersion) return;
      wanted = agent;
      life.abort();
    },
    stop() {
      stopping = true;
      life.abort();
    },
    gone: keep(),
  };
}

const timeout = (seconds: number) => sleep(seconds * 1000, "late" as const, { ref: false });
