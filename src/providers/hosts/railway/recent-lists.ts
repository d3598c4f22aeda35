import { untilAborted } from "../../../until-aborted.ts";

export interface RecentLists<T> {
  /** What `list` answered a moment ago, to whoever asked; a failure is nobody else's. */
  recent(key: string, list: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Answers that are good for so many seconds after they were asked for. */
export function createRecentLists<T>(seconds: number): RecentLists<T> {
  const known = new Map<string, { untilMs: number; answer: Promise<T> }>();
  return {
    recent(key, list, signal) {
      const found = known.get(key);
      if (found && found.untilMs > performance.now()) return untilAborted(found.answer, signal);
      // Others wait for it as well, so it does not end with the one who asked first.
      const answer = list(new AbortController().signal);
      known.set(key, { untilMs: performance.now() + seconds * 1000, answer });
      answer.catch(() => known.delete(key));
      return untilAborted(answer, signal);
    },
  };
}
