import type { Settings } from "./settings.ts";

/** How much a caller may ask for; the edge's limit is for everybody, and only for URLs without a query string. */
const edgePerSecond = 10;

export type Limit = "hour" | "second" | "edge";

/** What a refused caller is told, in real seconds. */
export interface Refusal {
  limit: Limit;
  retryAfterSeconds: number;
}

export type Budgets = ReturnType<typeof createBudgets>;

/** Fixed windows per key, as long as Railway's by the scale; `now` in real milliseconds. */
export function createBudgets(settings: Settings, now: () => number) {
  const startedAt = now();
  const used = new Map<string, { window: number; count: number }>();

  function windowOf(seconds: number) {
    const ms = (seconds * 1000) / settings.scale;
    const elapsed = now() - startedAt;
    const window = Math.floor(elapsed / ms);
    return { window, leftMs: (window + 1) * ms - elapsed };
  }

  /** Counts one, and refuses what is over; a refused request costs nothing. */
  function take(key: string, seconds: number, max: number) {
    const { window, leftMs } = windowOf(seconds);
    const before = used.get(key);
    const count = before?.window === window ? before.count : 0;
    if (count >= max) return { remaining: 0, leftMs, isOver: true };
    used.set(key, { window, count: count + 1 });
    return { remaining: max - count - 1, leftMs, isOver: false };
  }

  const refusal = (limit: Limit, leftMs: number): Refusal => ({
    limit,
    retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)),
  });

  return {
    takeAtEdge(): Refusal | undefined {
      const { isOver, leftMs } = take("edge", 1, edgePerSecond);
      return isOver ? refusal("edge", leftMs) : undefined;
    },
    /** The headers are there in any case. */
    take(token: string): { headers: Record<string, string>; refused?: Refusal } {
      const { perHour, perSecond } = settings.plan;
      const second = take(`second ${token}`, 1, perSecond);
      const hour = second.isOver ? peek(token) : take(`hour ${token}`, 3600, perHour);
      const headers = {
        "x-ratelimit-limit": String(perHour),
        "x-ratelimit-remaining": String(hour.remaining),
        "x-ratelimit-reset": String(Math.ceil((Date.now() + hour.leftMs) / 1000)),
      };
      if (second.isOver) return { headers, refused: refusal("second", second.leftMs) };
      return hour.isOver ? { headers, refused: refusal("hour", hour.leftMs) } : { headers };
    },
    remaining: (token: string) => {
      const { remaining, leftMs } = peek(token);
      return { remainingPoints: remaining, resetsAt: new Date(Date.now() + leftMs).toISOString() };
    },
  };

  function peek(token: string) {
    const { window, leftMs } = windowOf(3600);
    const before = used.get(`hour ${token}`);
    const count = before?.window === window ? before.count : 0;
    return { remaining: Math.max(0, settings.plan.perHour - count), leftMs, isOver: false };
  }
}
