import postgres from "postgres";

export const effectMs = 100;
export const effectsTable = `create table effects (
  id bigint generated always as identity primary key,
  run text not null, step text not null, pid int not null, at timestamptz not null default clock_timestamp())`;

/**
 * The outside world of the takeover benchmark: what a step does to it is written at once, over a connection that the
 * engine knows nothing of, and takes 100 ms. Worker scripts call `effect` as the whole body of a step.
 */
export function createEffects(databaseUrl: string) {
  const sql = postgres(databaseUrl, { max: 2 });
  return {
    async effect(run: string, step: string): Promise<void> {
      await sql`insert into effects (run, step, pid) values (${run}, ${step}, ${process.pid})`;
      await Bun.sleep(effectMs);
    },
  };
}

/** Tells the benchmark that this worker takes runs from now on. */
export function reportReady(): void {
  console.log("ready");
}
