/** What an answer says about the token's hour; undefined where it does not. */
export interface RateHeaders {
  limit: number | undefined;
  remaining: number | undefined;
  /** Until the hour begins anew. */
  resetSeconds: number | undefined;
  retryAfterSeconds: number | undefined;
}

/** Railway documents the names of these headers and not their form: numbers and dates are read. */
export function readRateHeaders(headers: Headers): RateHeaders {
  return {
    limit: countOf(headers.get("x-ratelimit-limit")),
    remaining: countOf(headers.get("x-ratelimit-remaining")),
    resetSeconds: secondsUntil(headers.get("x-ratelimit-reset")),
    retryAfterSeconds: secondsUntil(headers.get("retry-after")),
  };
}

const countOf = (text: string | null) => (text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined);

// Larger numbers are no span but an instant: seconds since 1970, or milliseconds.
const spanSecondsMax = 1e8;
const instantSecondsMax = 1e11;

function secondsUntil(text: string | null): number | undefined {
  if (text === null) return undefined;
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (number !== undefined && number < spanSecondsMax) return number;
  const instantMs =
    number === undefined ? Date.parse(text) : number < instantSecondsMax ? number * 1000 : number;
  return Number.isFinite(instantMs) ? Math.max(0, (instantMs - Date.now()) / 1000) : undefined;
}
