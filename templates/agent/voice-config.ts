import type { Environment } from "./environment.ts";

export interface VoiceConfig {
  livekit: { url: string; apiKey: string; apiSecret: string; agentName: string };
  deepgramKey: string;
  cartesiaKey: string;
  llm: { baseUrl: string; apiKey: string; model: string };
  /** BCP 47, e.g. `en` or `de-CH`. */
  language: string;
  /** Voice of the speech synthesis; the provider's own if not told. */
  voice: string | undefined;
  /** Said first, word by word; without it the model finds its own. */
  greeting: string | undefined;
}

const names = [
  ...(["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "LIVEKIT_AGENT_NAME"] as const),
  ...(["DEEPGRAM_API_KEY", "CARTESIA_API_KEY", "LLM_BASE_URL", "LLM_API_KEY", "LLM_MODEL"] as const),
];

const languageTag = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

/** Voice, when all of its variables are there; none of them means off, and only some of them are one error. */
export function readVoiceConfig(env: Environment, errors: string[]): VoiceConfig | undefined {
  const missing = names.filter((name) => !env[name]);
  if (missing.length === names.length) return undefined;
  if (missing.length > 0) errors.push(`voice is set in half, these are missing: ${missing.join(", ")}`);
  const text = (name: string) => env[name] ?? "";
  const url = (name: string, protocol: RegExp, wanted: string) => {
    if (env[name] && !protocol.test(URL.parse(text(name))?.protocol ?? "")) {
      errors.push(`${name} must be ${wanted}`);
    }
    return text(name);
  };
  const language = env["AGENT_LANGUAGE"] || "en";
  if (!languageTag.test(language)) errors.push("AGENT_LANGUAGE must be a language tag such as en or de-CH");
  return {
    livekit: {
      url: url("LIVEKIT_URL", /^(ws|http)s?:$/, "a ws, wss, http or https URL"),
      apiKey: text("LIVEKIT_API_KEY"),
      apiSecret: text("LIVEKIT_API_SECRET"),
      agentName: text("LIVEKIT_AGENT_NAME"),
    },
    deepgramKey: text("DEEPGRAM_API_KEY"),
    cartesiaKey: text("CARTESIA_API_KEY"),
    llm: {
      baseUrl: url("LLM_BASE_URL", /^https?:$/, "an http or https URL"),
      apiKey: text("LLM_API_KEY"),
      model: text("LLM_MODEL"),
    },
    language,
    voice: env["AGENT_VOICE"] || undefined,
    greeting: env["AGENT_GREETING"] || undefined,
  };
}
