import { setTimeout as sleep } from "node:timers/promises";
import type { CallBudget, CallBudgets } from "../../call-budgets/call-budgets.ts";
import { WaitError } from "../../errors.ts";
import type { TokenLimits } from "./call-limits.ts";
import type { RailwayPace } from "./pace.ts";
import type { RailwayCall } from "./railway.ts";

export interface Turn {
  budgets: CallBudgets;
  pace: RailwayPace;
  limits: TokenLimits;
  /** Of what it creates, where Railway takes one at a time. */
  line?: CallBudget | undefined;
  call: RailwayCall;
}

/**
 * Comes back when the call may be made. Throws a WaitError where that takes longer than may be waited in place, and the
 * signal's reason. What may take long is taken first: nothing of the second's is lost to who has to wait for the hour.
 */
export async function waitForTurn(turn: Turn): Promise<void> {
  const { limits, line, pace } = turn;
  await takeOf(turn, [limits.hour, ...(line ? [line] : [])], pace.waitInPlaceSeconds);
  await takeOf(turn, [limits.second], pace.waitForSecondSeconds);
}

async function takeOf(turn: Turn, wanted: readonly CallBudget[], secondsMax: number): Promise<void> {
  const { budgets, call } = turn;
  for (;;) {
    call.signal.throwIfAborted();
    const seconds = await budgets.take(call.holder, wanted);
    if (seconds <= 0) return;
    if (seconds > secondsMax) throw notYet(turn, seconds);
    await sleep(seconds * 1000, undefined, { signal: call.signal });
  }
}

/** That others are first, in words for who watches the run. */
export function notYet({ line, pace }: Turn, seconds: number): WaitError {
  const calls = `${pace.callsPerHour} calls an hour and ${pace.callsPerSecond} a second of a token`;
  const project = line ? `one project per ${pace.createEverySeconds} s in a workspace, and ` : "";
  const words = `Railway takes ${project}${calls}; others are first, and it goes on by itself.`;
  return new WaitError("railway_in_line", words, { seconds, inLine: true });
}
