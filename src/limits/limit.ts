import { z } from "zod";

export const limitKinds = ["department", "pair", "key", "login", "address", "provision"] as const;
export type LimitKind = (typeof limitKinds)[number];

/** A limit as people see and set it: so many `hits` in each window of so many seconds. */
export const policyInput = z.strictObject({
  hits: z.int().min(1).max(1_000_000),
  window_seconds: z.int().min(1).max(86_400),
});
export type PolicyInput = z.infer<typeof policyInput>;
export const policyView = policyInput.extend({ kind: z.enum(limitKinds) });
export type PolicyView = z.infer<typeof policyView>;

export interface RatePolicy {
  hits: number;
  windowSeconds: number;
}

/** One limit as it stood right after a call counted against it. */
export const taken = z
  .object({
    kind: z.enum(limitKinds),
    hits: z.int(),
    window: z.int(),
    left: z.int(),
    reset_us: z.int(),
  })
  .transform(({ kind, hits, window, left, reset_us }) => ({
    kind,
    hits,
    windowSeconds: window,
    left,
    resetSeconds: Math.max(1, Math.ceil(reset_us / 1_000_000)),
  }));
export type Limit = z.infer<typeof taken>;

/** What `federation.take_hits` answers: tightest limit first; `refusals` counts within that one's window. */
export const takenHits = z.object({
  refused: z.enum(limitKinds).nullable(),
  refusals: z.int(),
  limits: z.array(taken).default([]),
});
export type TakenHits = z.infer<typeof takenHits>;
