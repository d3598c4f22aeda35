import { z } from "zod";

export const limitKinds = ["department", "pair", "key", "login", "address", "provision"] as const;
export type LimitKind = (typeof limitKinds)[number];

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
