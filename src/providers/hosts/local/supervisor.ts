// Makes the agents of this machine run as the database wants it, and says there what runs. Agents are its children:
// on Linux they end with it, however it ends, and the next one starts them again. When the database is away, what
// runs keeps running and is restarted when it dies; only changes wait. One supervisor per database.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { aborted } from "./aborted.ts";
import type { AgentCommand } from "./agent-command.ts";
import { type KeptAgent, keepAgent } from "./keep-agent.ts";
import { persist } from "./persist.ts";
import { createPorts } from "./ports.ts";
import { createSlots } from "./slots.ts";
import type { LocalAgentStore } from "./store.ts";

export interface SupervisorOptions {
  store: LocalAgentStore;
  command: AgentCommand;
  /** Logs go to `<dataDirectory>/agents/<department id>.log`. */
  dataDirectory: string;
  log: Logger;
  /** How often the store is asked even if it did not call back. */
  intervalSeconds?: number;
  startsAtOnce?: number;
}

export interface Supervisor {
  start(): void;
  /** Stops every agent, reports that and settles when all are gone; does not wait for a database that hangs. */
  close(): Promise<void>;
}

const reportSecondsMax = 2;
const closeSecondsMax = 8;

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { store, command, dataDirectory, log, intervalSeconds = 0.5, startsAtOnce = 8 } = options;
  const kept = new Map<string, KeptAgent>();
  const closing = new AbortController();
  const givingUp = new AbortController();
  const bell = createBell();
  const keepOptions = {
    store,
    command,
    logDirectory: join(dataDirectory, "agents"),
    log,
    ports: createPorts(),
    startSlot: createSlots(startsAtOnce),
    givingUp: givingUp.signal,
  };
  let ended: Promise<unknown> | undefined;

  async function supervise() {
    await persist("resetting the agents", () => store.reset(), closing.signal, log);
    while (!closing.signal.aborted) {
      await persist("reading the wanted agents", reconcile, closing.signal, log);
      await bell.rung(intervalSeconds);
    }
  }

  async function listen() {
    const subscription = await persist("listening", () => store.changed(bell.ring), closing.signal, log);
    await aborted(closing.signal);
    await subscription?.close().catch(() => {});
  }

  async function reconcile() {
    const desired = await store.desired();
    if (closing.signal.aborted) return;
    for (const agent of desired) {
      const known = kept.get(agent.departmentId);
      if (known) known.update(agent);
      else keep(agent);
    }
    const wanted = new Set(desired.map((agent) => agent.departmentId));
    for (const [departmentId, agent] of kept) if (!wanted.has(departmentId)) agent.stop();
  }

  function keep(agent: Parameters<typeof keepAgent>[0]) {
    const { departmentId } = agent;
    const keeping = keepAgent(agent, keepOptions);
    kept.set(departmentId, keeping);
    void keeping.gone.finally(() => {
      kept.delete(departmentId);
      bell.ring();
    });
  }

  return {
    start() {
      ended ??= Promise.all([supervise(), listen()]);
    },
    async close() {
      closing.abort();
      bell.ring();
      const gone = [...kept.values()].map((agent) => (agent.stop(), agent.gone));
      const timer = setTimeout(() => givingUp.abort(), reportSecondsMax * 1000);
      await Promise.race([
        Promise.all([...gone, ended]),
        sleep(closeSecondsMax * 1000, undefined, { ref: false }),
      ]);
      clearTimeout(timer);
    },
  };
}

/** Wakes whoever waits; a ring while nobody waits is heard by the next one. */
function createBell() {
  let waiting = Promise.withResolvers<void>();
  return {
    ring: () => waiting.resolve(),
    async rung(seconds: number) {
      const timer = setTimeout(() => waiting.resolve(), seconds * 1000);
      await waiting.promise;
      clearTimeout(timer);
      waiting = Promise.withResolvers();
    },
  };
}
