import { untilAborted } from "../../until-aborted.ts";

export interface RecentAnswers<Key, T> {
  /** What was answered to `ask` a moment ago, to whoever asked; a failure is not kept. */
  recent(key: Key, ask: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** The next one asks anew. */
  forget(): void;
}

/** Answers that are good for so many seconds after they were asked for, by one for all. */
export function createRecentAnswers<Key, T>(seconds: number): RecentAnswers<Key, T> {
  const known = new Map<Key, { untilMs: number; answer: Promise<T> }>();
  return {
    recent(key, ask, signal) {
      const found = known.get(key);
      if (found && found.untilMs > performance.now()) return untilAborted(found.answer, signal);
      // Others wait for it as well, so it does not end with the one who asked first.
      const answer = ask(new AbortController().signal);
      known.set(key, { untilMs: performance.now() + seconds * 1000, answer });
      answer.catch(() => known.delete(key));
      return untilAborted(answer, signal);
    },
    forget: () => known.clear(),
  };
}
