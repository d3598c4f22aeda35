// When a credential is refreshed, pure of clock and database. All in seconds.

/** Below this a token is not given away any more if it can be helped. */
export const leftMinSeconds = 60;
/** Longer than a call to the provider may take (10 s), with room to store its answer. */
export const holdSeconds = 15;

const soonSeconds = 60;
const dueSeconds = { least: 300, spread: 300 };

/** A fixed fraction per credential, so that those made together are not refreshed together. */
export const spreadOf = (id: string): number => Number.parseInt(id.slice(-8), 16) / 2 ** 32;

/** How long before its end the job renews a token: 5 to 10 minutes, at most half of its life. */
export function dueBeforeEnd(id: string, lifeSeconds: number): number {
  return Math.min(dueSeconds.least + spreadOf(id) * dueSeconds.spread, lifeSeconds / 2);
}

/** Whether whoever asks for this token should have it renewed by the way: nobody has to wait later. */
export const isEndingSoon = (id: string, leftSeconds: number): boolean =>
  leftSeconds < leftMinSeconds + spreadOf(id) * soonSeconds;

const transient = { firstSeconds: 0.5, announcedFrom: 5, cooldownSeconds: 60, mostSeconds: 3600 };
const broken = { firstSeconds: 900, mostSeconds: 21_600 };

export interface Pause {
  seconds: number;
  /** Somebody has to know: it does not go away by itself within seconds. */
  isAnnounced: boolean;
}

/**
 * How long to leave the provider alone after the n-th failure in a row. A passing one: 0.5 s, doubling; from the fifth
 * on a minute, doubling to an hour. One that somebody has to repair: a quarter of an hour, doubling to six hours.
 * `chance` (0 to 1) adds up to half.
 */
export function pauseAfter(
  kind: "transient" | "client_broken" | "refused",
  failures: number,
  { chance, retryAfterSeconds = 0 }: { chance: number; retryAfterSeconds?: number | undefined },
): Pause {
  const isAnnounced = kind !== "transient" || failures >= transient.announcedFrom;
  const step = (first: number, times: number, most: number) =>
    Math.min(most, first * 2 ** Math.min(times, 30));
  const seconds =
    kind !== "transient"
      ? step(broken.firstSeconds, failures - 1, broken.mostSeconds)
      : isAnnounced
        ? step(transient.cooldownSeconds, failures - transient.announcedFrom, transient.mostSeconds)
        : step(transient.firstSeconds, failures - 1, transient.mostSeconds);
  return { seconds: Math.max(seconds, retryAfterSeconds) * (1 + chance / 2), isAnnounced };
}
