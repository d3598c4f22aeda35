import { fileURLToPath } from "node:url";
import { AgentServer, initializeLogger, ServerOptions } from "@livekit/agents";
import type { Check } from "../check.ts";
import type { StartWorker } from "../voice.ts";
import type { VoiceConfig } from "../voice-config.ts";
import { freePort } from "./free-port.ts";

const jobFile = fileURLToPath(new URL("job.ts", import.meta.url));
/** For a job that is told to end, and for what it does after its conversation. */
const endSeconds = 6;
const closeSeconds = endSeconds + 2;

/**
 * A LiveKit worker that waits under the department's agent name (explicit dispatch) and forks a process per
 * conversation. It tries to connect for as long as it lives.
 */
export const startWorker: StartWorker = async ({ config, log }) => {
  // The SDK's own lines can repeat what was said and what tools were given.
  initializeLogger({ pretty: false, level: "fatal" });
  const port = await freePort();
  const server = new AgentServer(serverOptions(config.voice, port));
  let failure: string | undefined;
  let isDraining = false;
  server.event.on("worker_registered", () => log("info", "voice registered"));
  const ended = server.run().catch((error: unknown) => {
    failure = "the worker has stopped";
    log("error", "voice stopped", { name: error instanceof Error ? error.name : "" });
  });

  return {
    async check(): Promise<Check> {
      if (failure !== undefined) return { ok: false, detail: failure };
      if (isDraining) return { ok: false, detail: `draining, ${server.activeJobs.length} conversations` };
      const connected = await isConnected(port);
      return { ok: connected, detail: connected ? "connected" : "not connected to LiveKit" };
    },
    async drain(seconds) {
      isDraining = true;
      const conversations = server.activeJobs.length;
      if (seconds > 0) {
        await server.drain(seconds * 1000).catch(() => log("warn", "voice did not drain in time"));
      }
      await withinSeconds(closeSeconds, Promise.all([server.close(), ended]));
      log("info", "voice drained", { conversations });
    },
  };
};

const serverOptions = (config: VoiceConfig, port: number) =>
  new ServerOptions({
    agent: jobFile,
    agentName: config.livekit.agentName,
    wsURL: config.livekit.url,
    apiKey: config.livekit.apiKey,
    apiSecret: config.livekit.apiSecret,
    host: "127.0.0.1",
    port,
    production: true,
    numIdleProcesses: 1,
    initializeProcessTimeout: 30_000,
    shutdownProcessTimeout: endSeconds * 1000,
    sessionEndTimeout: endSeconds * 1000,
    maxRetry: Number.MAX_SAFE_INTEGER,
    logLevel: "fatal",
  });

/** The SDK tells its connection only through its own health page. */
async function isConnected(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) }).catch(
    () => undefined,
  );
  await response?.body?.cancel();
  return response?.status === 200;
}

async function withinSeconds(seconds: number, work: Promise<unknown>) {
  const late = new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref());
  await Promise.race([work, late]);
}
