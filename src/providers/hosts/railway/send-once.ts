import { WaitError } from "../../../errors.ts";
import { RailwayError } from "../../railway/railway-error.ts";
import type { Place } from "./places.ts";

/**
 * Sends what Railway would do a second time: `note` writes it down before, `unnote` takes that back where it was surely
 * not carried out, `renew` begins the time to look for it anew where it may have been.
 */
export async function sendOnce<P extends Place, T>(steps: {
  note(): Promise<P>;
  send(noted: P): Promise<T>;
  unnote(noted: P): Promise<unknown>;
  renew(noted: P): Promise<unknown>;
}): Promise<{ place: P; answer: T }> {
  const place = await steps.note();
  try {
    return { place, answer: await steps.send(place) };
  } catch (error) {
    if (isNotDone(error)) await steps.unnote(place);
    else if (error instanceof RailwayError) await steps.renew(place);
    throw error;
  }
}

const isNotDone = (error: unknown) =>
  error instanceof WaitError || (error instanceof RailwayError && error.kind !== "ambiguous");
