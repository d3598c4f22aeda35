import { setTimeout as sleep } from "node:timers/promises";
import type { CallBudgets } from "../../call-budgets/call-budgets.ts";
import type { Secret } from "../../crypto/secret.ts";
import { creationLine, limitsOf } from "./call-limits.ts";
import { exchange, type Send } from "./exchange.ts";
import type { RailwayPace } from "./pace.ts";
import type { RailwayCall } from "./railway.ts";
import { RailwayError } from "./railway-error.ts";
import { readRateHeaders } from "./rate-headers.ts";
import { type Asked, type Reading, readAnswer, type TooMuch } from "./read-answer.ts";
import { notYet, type Turn, waitForTurn } from "./wait-for-turn.ts";

export interface RequestOptions {
  endpoint: string;
  budgets: CallBudgets;
  pace: RailwayPace;
  send?: Send;
}

export interface RailwayRequest<T> extends Pick<Asked<T>, "operation" | "reply"> {
  variables?: object;
  call: RailwayCall;
  /** Whether the variables hold secrets, which Railway may repeat in its errors. */
  holdsSecrets?: boolean;
  /** The workspace whose line of new projects it stands in. */
  createsIn?: string;
}

export type Ask = <T>(token: Secret<string>, request: RailwayRequest<T>) => Promise<T>;

const attemptsMax = 3;
const pauseMs = 250;

/**
 * One operation of Railway's API and its reply: waits for its turn, and asks again where nothing was carried out. Throws
 * RailwayError and WaitError.
 */
export function createRequest(options: RequestOptions): Ask {
  const { pace } = options;
  return async (token, request) => {
    const startedMs = performance.now();
    const line = request.createsIn === undefined ? undefined : creationLine(request.createsIn, pace);
    const { budgets } = options;
    const turn: Turn = { budgets, pace, limits: limitsOf(token, pace), line, call: request.call };
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt === attemptsMax || performance.now() - startedMs > pace.timeoutSeconds * 1000;
      await waitForTurn(turn);
      try {
        const reading = await attemptOnce(options, token, request, turn);
        if ("data" in reading) return reading.data;
        const seconds = await block(turn, reading);
        if (isLast) throw notYet(turn, seconds);
      } catch (error) {
        // Only this kind was not carried out for certain.
        if (isLast || !(error instanceof RailwayError) || error.kind !== "unavailable") throw error;
        await sleep(pauseMs * 4 ** (attempt - 1) * (0.5 + Math.random()), undefined, {
          signal: request.call.signal,
        });
      }
    }
  };
}

async function attemptOnce<T>(
  options: RequestOptions,
  token: Secret<string>,
  { operation, variables = {}, reply, holdsSecrets = false, call: { signal } }: RailwayRequest<T>,
  turn: Turn,
): Promise<Reading<T>> {
  const { endpoint, send, pace } = options;
  try {
    const by = { endpoint, send, timeoutSeconds: pace.timeoutSeconds };
    const answer = await exchange(by, { token, operation, variables, signal });
    await noted(keepToRemaining(turn, answer.headers));
    const reading = readAnswer(answer, { operation, reply, token, holdsSecrets });
    if ("data" in reading) await noted(holdLine(turn));
    return reading;
  } catch (error) {
    if (error instanceof RailwayError && error.kind === "ambiguous") await noted(holdLine(turn));
    throw error;
  }
}

/** An answer must not be lost because its note could not be written; the next call's turn tells if there is trouble. */
const noted = (note: Promise<void>) => note.catch(() => undefined);

/** Railway counts from when it made the project, which was before its answer: the next one's time counts from here. */
async function holdLine({ budgets, line, pace }: Turn): Promise<void> {
  if (line) await budgets.block(line.name, pace.createEverySeconds);
}

// The smallest plan's hour. Less is what a second has.
const hourLimitMin = 100;

/** Others may use the token, too: near its end the hour is what Railway says, less what comes back until it is over. */
async function keepToRemaining({ budgets, limits: { hour } }: Turn, headers: Headers): Promise<void> {
  const { limit, remaining, resetSeconds = 0 } = readRateHeaders(headers);
  if (limit === undefined || limit < hourLimitMin) return;
  if (remaining === undefined || remaining >= limit / 10) return;
  await budgets.lower(hour.name, Math.max(0, remaining - hour.perSecond * resetSeconds));
}

/** Seconds that nobody asks; of everything where Railway does not say of what it is too much. */
async function block({ budgets, limits, line, pace }: Turn, { tooMuch, seconds }: TooMuch): Promise<number> {
  const isCreation = tooMuch === "creations" && line !== undefined;
  const usual = isCreation ? pace.createEverySeconds : pace.hourSeconds / 60;
  const wait = Math.min(seconds ?? usual, pace.hourSeconds);
  await budgets.block(isCreation ? line.name : limits.hour.name, wait);
  return wait;
}
