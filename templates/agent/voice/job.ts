// ENTRY: one conversation, in a process of its own that the worker forks. The environment it inherits is the agent's;
// what it records is sent until its very end, and a crash costs this conversation only.
import { defineAgent, type JobContext, voice } from "@livekit/agents";
import { loadConfig } from "../config.ts";
import { createRecorder } from "../conversation/create-recorder.ts";
import { writeLog } from "../log.ts";
import { createMcp } from "../mcp/create-mcp.ts";
import { createPlatform } from "../platform.ts";
import { createTokenSource } from "../token.ts";
import { enabledTools } from "../tools/catalogue.ts";
import { createToolbox } from "../tools/toolbox.ts";
import { createConversation } from "./create-conversation.ts";
import { createModels } from "./models.ts";

/** For the last records; less than the worker gives a job to end. */
const flushSeconds = 4;

type Stage = "preparing" | "connecting" | "waiting for the user" | "starting";

async function converse(ctx: JobContext, reach: (stage: Stage) => void) {
  const { voice: voiceConfig, ...rest } = loadConfig(process.env);
  if (!voiceConfig) throw new Error("A conversation without the variables of voice.");
  const config = { ...rest, voice: voiceConfig };
  const { departmentId } = config;
  const platform = createPlatform({ config, token: createTokenSource(config), send: fetch });
  const mcp = config.mcp && createMcp(config.mcp);
  const tools = enabledTools(config.enabledTools);
  const recorder = createRecorder({ departmentId, platform, log: writeLog });
  ctx.addShutdownCallback(async () => {
    await Promise.all([recorder.flush(flushSeconds), mcp?.close()]);
  });
  reach("connecting");
  await ctx.connect();
  reach("waiting for the user");
  const { identity } = await ctx.waitForParticipant();
  reach("starting");
  const { agent, session, greet } = await createConversation({
    config,
    models: createModels(voiceConfig),
    toolbox: createToolbox({ departmentId, platform, tools, mcp }),
    recorder,
    log: writeLog,
    room: ctx.room.name ?? ctx.job.id,
    participant: identity,
  });
  session.on(voice.AgentSessionEventTypes.Close, ({ reason }) => ctx.shutdown(reason));
  await session.start({
    agent,
    room: ctx.room,
    inputOptions: { participantIdentity: identity },
    record: false,
  });
  greet();
}

export default defineAgent({
  async entry(ctx) {
    let stage: Stage = "preparing";
    try {
      await converse(ctx, (next) => (stage = next));
    } catch (error) {
      // The SDK's messages can hold the room's token.
      writeLog("error", "conversation failed", { stage, name: error instanceof Error ? error.name : "" });
      throw error;
    }
  },
});
