import { RailwayError } from "./railway-error.ts";

/** Undefined where Railway shows no such object and `confirm` finds nothing wrong with who asks. */
export async function tolerateUnseen<T>(
  work: Promise<T>,
  confirm: () => Promise<unknown>,
): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof RailwayError) || error.kind !== "unseen") throw error;
    await confirm();
    return undefined;
  }
}
