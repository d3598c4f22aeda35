import { appendAudit, type AuditEvent } from "../audit/append.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { raiseAlert } from "./raise.ts";
import { resolveAlert } from "./resolve.ts";
import type { Finding } from "./rule.ts";
import { alertRules } from "./rules.ts";
import { takeSnapshot } from "./snapshot.ts";

/** So many turns in a row decide, the bad ones as the clear ones: what is there and gone again is told to nobody. */
const turnsToDecide = 2;
/** Less than a minute, since a worker may be late for its job. */
const betweenTurnsSeconds = 20;

type Named = Finding & { name: string; subject: string };

/**
 * Holds every rule against the present and raises or resolves what was so twice in a row, all in one transaction: whoever
 * is killed leaves nothing. Answers undefined when another worker has had this turn.
 */
export async function evaluateAlerts(
  sql: Sql,
  rules = alertRules,
): Promise<{ fired: number; resolved: number } | undefined> {
  return withTx(sql, async (tx) => {
    await tx`set local statement_timeout = '20s'`;
    // Two workers wait for each other here; the second finds the turn taken.
    const turn = await tx`
      update federation.alert_turn set at = clock_timestamp()
      where at <= clock_timestamp() - make_interval(secs => ${betweenTurnsSeconds})`;
    if (turn.count === 0) return undefined;
    const snapshot = await takeSnapshot(tx);
    const found = rules.flatMap(({ name, find }) =>
      find(snapshot).map((finding): Named => ({ subject: "", ...finding, name })),
    );
    const fired = await raiseDecided(tx, found, await countBad(tx, found));
    const resolved = await resolveDecided(
      tx,
      await countClear(
        tx,
        found,
        rules.map(({ name }) => name),
      ),
    );
    await appendAudit(tx, [...fired, ...resolved]);
    return { fired: fired.length, resolved: resolved.length };
  });
}

const keyOf = ({ name, subject }: Key) => JSON.stringify([name, subject]);
interface Key {
  name: string;
  subject: string;
}
const keysOf = (tx: Tx, found: readonly Key[]) =>
  tx`jsonb_to_recordset(${tx.json(found.map(({ name, subject }) => ({ name, subject })))}) as f(name text, subject text)`;

/** Counts what was found; answers what was found often enough. */
async function countBad(tx: Tx, found: readonly Named[]): Promise<Set<string>> {
  const rows = await tx<(Key & { streak: number })[]>`
    insert into federation.alert_streak as s (name, subject, is_bad, streak)
    select f.name, f.subject, true, 1 from ${keysOf(tx, found)} order by 1, 2
    on conflict (name, subject) do update set is_bad = true, streak = case when s.is_bad then s.streak + 1 else 1 end
    returning name, subject, streak`;
  return new Set(rows.filter(({ streak }) => streak >= turnsToDecide).map(keyOf));
}

/** Counts what was found before and is not any more; answers, and forgets, what is clear for long enough. */
async function countClear(tx: Tx, found: readonly Named[], names: string[]): Promise<Key[]> {
  await tx`
    update federation.alert_streak s set is_bad = false, streak = case when s.is_bad then 1 else s.streak + 1 end
    where s.name = any(${names})
      and not exists (select from ${keysOf(tx, found)} where f.name = s.name and f.subject = s.subject)`;
  const cleared = await tx<Key[]>`
    delete from federation.alert_streak where name = any(${names}) and not is_bad and streak >= ${turnsToDecide}
    returning name, subject`;
  return [...cleared];
}

async function raiseDecided(tx: Tx, found: readonly Named[], decided: Set<string>): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (const alert of found) if (decided.has(keyOf(alert))) events.push(...(await raiseAlert(tx, alert)));
  return events;
}

async function resolveDecided(tx: Tx, cleared: readonly Key[]): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (const { name, subject } of cleared) events.push(...(await resolveAlert(tx, name, subject)));
  return events;
}
