import { STT } from "@livekit/agents-plugin-deepgram";
import { TTS } from "@livekit/agents-plugin-cartesia";
import { LLM } from "@livekit/agents-plugin-openai";
import type { VoiceConfig } from "../voice-config.ts";

export interface Models {
  stt?: STT;
  llm: LLM;
  tts?: TTS;
}

/** Who hears, thinks and speaks. When the user has finished is judged by the SDK's own detectors, on this machine. */
export function createModels(config: VoiceConfig): Models {
  const { deepgramKey, cartesiaKey, language, voice } = config;
  return {
    stt: new STT({ apiKey: deepgramKey, model: "nova-3", language }),
    llm: createLlm(config),
    tts: new TTS({
      apiKey: cartesiaKey,
      // Cartesia knows languages without regions.
      language: language.split("-")[0] ?? language,
      ...(voice !== undefined && { voice }),
    }),
  };
}

export const createLlm = ({ llm: { baseUrl, apiKey, model } }: Pick<VoiceConfig, "llm">) =>
  new LLM({ baseURL: baseUrl, apiKey, model });
