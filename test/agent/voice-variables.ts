/** A complete set for voice; every secret is a canary. */
export const voiceVariables = (livekitUrl = "ws://127.0.0.1:1", llmUrl = "http://127.0.0.1:1/v1") => ({
  LIVEKIT_URL: livekitUrl,
  LIVEKIT_API_KEY: "livekit-key",
  LIVEKIT_API_SECRET: "canary-livekit-secret-0123456789abcdef",
  LIVEKIT_AGENT_NAME: "dept-hr-ab12",
  DEEPGRAM_API_KEY: "canary-deepgram",
  CARTESIA_API_KEY: "canary-cartesia",
  LLM_BASE_URL: llmUrl,
  LLM_API_KEY: "canary-llm",
  LLM_MODEL: "model-1",
});
