import type { Examples } from "./example.ts";
import { later } from "./names.ts";

export const agents: Examples = {
  openSession: {
    body: { participant: "ann", ttl_seconds: 600 },
    answers: {
      201: {
        url: "wss://livekit.example.com",
        token: "eyJhbGciOiJIUzI1NiJ9…",
        room: "dept-hr-4f7k2m9q.lobby",
        agent_name: "dept-hr-4f7k2m9q",
        expires_at: later,
      },
    },
  },
};
