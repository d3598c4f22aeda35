// ENTRY: the agent of one department. It has no state of its own: everything it knows comes from its environment,
// everything it answers from the platform's API with the department's own token. Runs on Node >= 24 and on Bun.
import { loadConfig } from "./config.ts";
import { createHealth } from "./health.ts";
import { writeLog } from "./log.ts";
import { createPlatform } from "./platform.ts";
import { createAgentServer } from "./server.ts";
import { createTokenSource } from "./token.ts";
import { enabledTools } from "./tools/catalogue.ts";
import { createToolbox } from "./tools/toolbox.ts";
import { startVoice } from "./voice.ts";

/** What `exit` means to whoever started the agent: EADDRINUSE, so that another port is tried. */
const exitCodes: Record<string, number> = { EADDRINUSE: 98 };

function fail(error: unknown): never {
  const code = error instanceof Error && "code" in error ? String(error.code) : "failed";
  writeLog("error", "stopped by an error", { code, detail: error instanceof Error ? error.message : "" });
  process.exit(exitCodes[code] ?? 1);
}

process.on("uncaughtException", fail);
process.stdout.on("error", () => process.exit(1));

const config = loadConfig(process.env);
const platform = createPlatform({ config, token: createTokenSource(config), send: fetch });
const tools = enabledTools(config.enabledTools);
const mcp = config.mcp && (await import("./mcp/create-mcp.ts")).createMcp(config.mcp);
const toolbox = createToolbox({ departmentId: config.departmentId, platform, tools, mcp });
const voice = config.voice && startVoice({ config: { ...config, voice: config.voice }, log: writeLog });
const health = createHealth({ config, platform, toolbox, mcp, voice });
const agent = createAgentServer({ config, toolbox, health, log: writeLog });

/** Conversations end first; health and tools answer until they have. */
async function stop() {
  await voice?.drain(config.drainSeconds);
  await Promise.all([agent.close(4), mcp?.close()]);
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    writeLog("info", "stopping", { signal });
    void stop().finally(() => process.exit(0));
  });
}
await agent.listen();
writeLog("info", "listening", { port: config.port, release: config.release });
