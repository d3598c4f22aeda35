import { z } from "zod";

/** What a bulk call wrote. */
export const upserted = z.object({ inserted: z.int(), updated: z.int() });
export type Upserted = z.infer<typeof upserted>;

/** Counts the rows that an upsert returned. */
export function upsertedOf(written: readonly { inserted: boolean }[]): Upserted {
  const inserted = written.filter((row) => row.inserted).length;
  return { inserted, updated: written.length - inserted };
}
