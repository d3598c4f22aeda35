import { randomUUID } from "node:crypto";
import { type llm, voice } from "@livekit/agents";
import type { AgentConfig } from "../config.ts";
import { createConfirmations } from "../conversation/confirmations.ts";
import type { Recorder } from "../conversation/create-recorder.ts";
import { createToolCaller } from "../conversation/create-tool-caller.ts";
import { instructions } from "../conversation/instructions.ts";
import type { SessionRecord } from "../conversation/records.ts";
import type { WriteLog } from "../log.ts";
import type { Toolbox } from "../tools/toolbox.ts";
import type { VoiceConfig } from "../voice-config.ts";
import { modelTools } from "./model-tools.ts";
import type { Models } from "./models.ts";

export interface ConversationOptions {
  config: Pick<AgentConfig, "departmentName"> & { voice: Pick<VoiceConfig, "language" | "greeting"> };
  models: Models;
  toolbox: Toolbox;
  recorder: Recorder;
  log: WriteLog;
  room: string;
  participant: string;
}

export interface Conversation {
  agent: voice.Agent;
  session: voice.AgentSession;
  /** Says the greeting. */
  greet(): void;
}

/** One talk: what the model may do, and what of it goes on record. Its tools are those of its beginning. */
export async function createConversation(options: ConversationOptions): Promise<Conversation> {
  const { config, models, recorder } = options;
  const sessionId = randomUUID();
  const confirmations = createConfirmations();
  const caller = createToolCaller({ sessionId, confirmations, recorder });
  const agent = new voice.Agent({
    instructions: instructions({ departmentName: config.departmentName, language: config.voice.language }),
    tools: modelTools(await options.toolbox.list(), caller),
  });
  const session = new voice.AgentSession({ ...models, maxToolSteps: 5 });
  const { ConversationItemAdded } = voice.AgentSessionEventTypes;
  session.on(ConversationItemAdded, ({ item }) => {
    if (item.type !== "message") return;
    if (item.role === "user") confirmations.userTurn();
    recordMessage(recorder, sessionId, item);
  });
  recordSession(options, { session, sessionId, onEnd: () => caller.end() });
  const { greeting } = config.voice;
  return {
    agent,
    session,
    greet: () =>
      void (greeting === undefined
        ? session.generateReply({ instructions: "Greet the user in one short sentence and offer help." })
        : session.say(greeting)),
  };
}

interface RecordedSession {
  session: voice.AgentSession;
  sessionId: string;
  onEnd: () => void;
}

function recordSession(
  { recorder, log, room, participant }: ConversationOptions,
  { session, sessionId, onEnd }: RecordedSession,
) {
  const begun: SessionRecord = {
    id: sessionId,
    room,
    participant,
    channel: "voice",
    started_at: new Date().toISOString(),
  };
  recorder.session(begun);
  const { Close, Error: Failed } = voice.AgentSessionEventTypes;
  session.on(Failed, ({ error }) => log("warn", "conversation meets an error", { type: error.type }));
  session.on(Close, ({ reason }) => {
    onEnd();
    recorder.session({ ...begun, ended_at: new Date().toISOString(), end_reason: reason });
  });
}

const roles = { user: "user", assistant: "assistant", system: "system", developer: "system" } as const;
const textCharactersMax = 100_000;

function recordMessage(recorder: Recorder, sessionId: string, item: llm.ChatMessage) {
  const text = item.textContent?.slice(0, textCharactersMax) ?? "";
  if (text === "") return;
  const { e2eLatency } = item.metrics;
  recorder.message({
    id: randomUUID(),
    session_id: sessionId,
    role: roles[item.role],
    text,
    ...(e2eLatency !== undefined && { latency_ms: Math.max(0, Math.round(e2eLatency * 1000)) }),
    created_at: new Date(item.createdAt).toISOString(),
  });
}
