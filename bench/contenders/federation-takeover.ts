import { join } from "node:path";
import postgres from "postgres";
import packageJson from "../../package.json" with { type: "json" };
import { linearSteps, type TakeoverContender } from "./contender.ts";
import { chain, openBase, planOf, prepareDatabase, submit } from "./federation-engine.ts";

export const takeoverSteps = Array.from({ length: linearSteps }, (_, index) => `step-${index + 1}`);
/** Our step names have no digits: step-1 is `step-b` in the database, and so on. */
export const inDatabase = (step: string) => `step-${String.fromCharCode(97 + Number(step.slice(5)))}`;
export const takeoverPlan = planOf(chain(takeoverSteps.map(inDatabase)));

export function createContender(): TakeoverContender {
  return {
    name: "federation",
    version: packageJson.version,
    settings: { leaseSeconds: 2, renewSeconds: 0.5, sweepSeconds: 0.5 },
    workerScript: join(import.meta.dir, "federation-worker.ts"),
    repetitions: 50,
    atOnce: 4,
    async setup(databaseUrl) {
      await prepareDatabase(databaseUrl);
    },
    async submit(databaseUrl, run) {
      const base = await openBase(databaseUrl, 2);
      await submit(base, takeoverPlan, { name: run });
      await base.close();
    },
    async doneSteps(databaseUrl, run) {
      const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
      const rows = await sql<{ name: string }[]>`
        select s.name from federation.step s join federation.run r on r.id = s.run_id
        where r.input->>'name' = ${run} and s.status = 'done'`;
      await sql.end();
      const done = new Set(rows.map((row) => row.name));
      return takeoverSteps.filter((step) => done.has(inDatabase(step)));
    },
  };
}
