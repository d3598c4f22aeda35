import { GraphQLError } from "graphql";
import type { Railway } from "./railway.ts";

const rules = {
  projectCreate: {
    seconds: 30,
    message:
      "You are creating projects too quickly. Please try again later. Limit: 1 project per 30 seconds.",
  },
  environmentCreate: { seconds: 30, message: "Only one environment can be created per user every 30s" },
  volumeCreate: {
    seconds: 5,
    message: "Whoa there pal! You are creating volumes too quickly. Try again in a sec",
  },
} as const;

export type Throttled = keyof typeof rules;

/** Refuses what comes too soon after the last one that happened; call it right before the effect. */
export function passCooldown(railway: Railway, kind: Throttled, owner: string): void {
  const key = `${kind} ${owner}`;
  const now = railway.now();
  const { seconds, message } = rules[kind];
  const lastAt = railway.lastCreations.get(key);
  if (lastAt !== undefined && now - lastAt < railway.msOf(seconds)) {
    railway.counts.throttled[kind] += 1;
    throw new GraphQLError(message);
  }
  railway.lastCreations.set(key, now);
}
