import type { Check } from "./check.ts";
import type { AgentConfig } from "./config.ts";
import type { WriteLog } from "./log.ts";
import type { VoiceConfig } from "./voice-config.ts";

/** The part of the agent that talks: a worker that waits at LiveKit for its department's rooms. */
export interface Voice {
  /** Ok from registration on, as long as the connection holds and nothing is being drained. */
  check(): Promise<Check>;
  /** Takes no new conversation, lets the running ones end, at most for `seconds`. */
  drain(seconds: number): Promise<void>;
}

export interface VoiceOptions {
  config: Pick<AgentConfig, "drainSeconds"> & { voice: VoiceConfig };
  log: WriteLog;
}

export type StartWorker = (options: VoiceOptions) => Promise<Voice>;

/** By its path at run time: only the agent's image has the packages, and only there the folder can be type-checked. */
const workerFile = new URL("voice/worker.ts", import.meta.url).href;

/** Starts the worker in the background; until it runs, and if it cannot, `check` says so and everything else serves. */
export function startVoice(options: VoiceOptions): Voice {
  let worker: Voice | undefined;
  let detail = "starting";
  const started = import(workerFile)
    .then(async (module: { startWorker: StartWorker }) => (worker = await module.startWorker(options)))
    .catch((error: unknown) => {
      detail = isMissingPackage(error) ? "its packages are not installed" : "it cannot start";
      options.log("error", "voice is not available", { detail: error instanceof Error ? error.message : "" });
    });
  return {
    check: async () => (worker ? await worker.check() : { ok: false, detail }),
    async drain(seconds) {
      await started;
      await worker?.drain(seconds);
    },
  };
}

const isMissingPackage = (error: unknown) =>
  error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
