import type { Ctx } from "../context.ts";

export interface Sealed {
  /** The last checkpoint; undefined = none was made yet. */
  checkpoint: { n: number; at: string } | undefined;
  /** By stream, the last event that a checkpoint covers; a department's people see their own stream. */
  upTo: ReadonlyMap<string, number>;
}

/** How far the trail is sealed: what a checkpoint covers cannot be changed unnoticed. */
export async function sealedUpTo({ db, caller }: Pick<Ctx, "db" | "caller">): Promise<Sealed> {
  const own = caller.departmentId ?? null;
  const [last, heads] = await Promise.all([
    db.app<{ n: number; at: string }[]>`
      select n::int as n, to_json(to_timestamp(at_us / 1000000.0))#>>'{}' as at
      from audit.checkpoint order by n desc limit 1`,
    db.app<{ stream: string; seq: number }[]>`
      select stream, seq::float8 as seq from audit.sealed_head
      where ${own}::uuid is null or stream = ${own}::uuid`,
  ]);
  return { checkpoint: last[0], upTo: new Map(heads.map(({ stream, seq }) => [stream, seq])) };
}
