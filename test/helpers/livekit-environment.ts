/** A voice set-up that nobody answers at. */
export const livekitEnvironment = {
  LIVEKIT_URL: "http://127.0.0.1:1",
  LIVEKIT_API_KEY: "livekit-key-of-the-test",
  LIVEKIT_API_SECRET: "livekit-secret-of-the-test-0123456789",
  DEEPGRAM_API_KEY: "none",
  CARTESIA_API_KEY: "none",
  LLM_BASE_URL: "http://127.0.0.1:1",
  LLM_API_KEY: "none",
  LLM_MODEL: "none",
};
