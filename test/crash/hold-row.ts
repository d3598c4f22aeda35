import { withTx } from "../../src/db/tx.ts";
import { type Installation, until } from "../helpers/installation.ts";
import { readRun, type TestRun } from "./department.ts";

/** Runs `fn` while nobody else can change the department's row: what makes its schema hangs in its last statement. */
export function holdDepartment<T>(
  at: Installation,
  { department }: TestRun,
  fn: () => Promise<T>,
): Promise<T> {
  return withTx(at.sql, async (tx) => {
    await tx`select from federation.department where id = ${department} for no key update`;
    return fn();
  });
}

/** Runs `fn` while nobody can append to the department's trail: a step's transaction hangs between fence and commit. */
export function holdTrail<T>(at: Installation, { department }: TestRun, fn: () => Promise<T>): Promise<T> {
  return withTx(at.sql, async (tx) => {
    await tx`select from audit.head where stream = ${department} for no key update`;
    return fn();
  });
}

/** Resolves when a statement of this login waits for a lock. */
export function untilBlocked(at: Installation, login: string, text: string): Promise<unknown> {
  return until(`a statement of ${login} waits`, async () => {
    const rows =
      await at.sql`select from pg_stat_activity where datname = current_database() and usename = ${login}
      and wait_event_type = 'Lock' and query like ${`%${text}%`}`;
    return rows.length > 0;
  });
}

/** The worker that has the run. */
export async function holderOf(at: Installation, { id }: TestRun) {
  const { lease } = await readRun(at, id);
  const holder = at.child(Number(lease?.split(":").at(-2)));
  if (!holder) throw new Error(`nobody holds the run: ${lease}`);
  return holder;
}

/** Runs `fn` while no department can be added: a submission hangs before it is saved. */
export function holdSubmissions<T>(at: Installation, fn: () => Promise<T>): Promise<T> {
  return withTx(at.sql, async (tx) => {
    await tx`lock table federation.department in share mode`;
    return fn();
  });
}
