import type { Sql } from "../db/tx.ts";
import { leaseSeconds } from "./claim.ts";
import type { ClaimedRun } from "./run.ts";

const renewEveryMs = 500;

export interface LeaseEvents {
  /** Somebody asked for a cancel: the run is still ours. */
  onCancel(): void;
  /** Another worker may have the run: stop, write nothing more. */
  onLost(): void;
}

export interface LeaseKeeper {
  hold(run: ClaimedRun, events: LeaseEvents): void;
  drop(runId: string): void;
  close(): Promise<void>;
}

interface Held extends LeaseEvents {
  epoch: number;
  cancelRequested: boolean;
  renewedAtMs: number;
}

/** Renews the leases of all runs this worker holds in one statement, twice a second on the database's clock. */
export function createLeaseKeeper(sql: Sql, owner: string): LeaseKeeper {
  const held = new Map<string, Held>();
  let renewing: Promise<void> | undefined;
  const timer = setInterval(() => {
    renewing ??= renewLeases(sql, owner, held).finally(() => (renewing = undefined));
    loseOverdue(held);
  }, renewEveryMs);
  return {
    hold(run, events) {
      const { epoch, cancelRequested } = run;
      held.set(run.id, { ...events, epoch, cancelRequested, renewedAtMs: performance.now() });
    },
    drop: (runId) => void held.delete(runId),
    async close() {
      clearInterval(timer);
      await renewing;
    },
  };
}

async function renewLeases(sql: Sql, owner: string, held: Map<string, Held>): Promise<void> {
  if (held.size === 0) return;
  const asked = [...held.entries()];
  const sentAtMs = performance.now();
  try {
    const rows = await sql<{ id: string; renewed: boolean; cancelled: boolean }[]>`
      with held as (
        select id, epoch from unnest(${asked.map(([id]) => id)}::uuid[], ${asked.map(([, hold]) => hold.epoch)}::int[])
          as h(id, epoch)
      ), free as materialized (
        -- A row that somebody holds for a moment is renewed the next time: it must not hold up the others.
        select r.id from federation.run r join held h on h.id = r.id for no key update of r skip locked
      ), renewed as (
        update federation.run r set lease_until = clock_timestamp() + make_interval(secs => ${leaseSeconds})
        from free f, held h where r.id = f.id and h.id = f.id and r.epoch = h.epoch and r.lease_owner = ${owner}
        returning r.id, r.cancel_requested_at is not null as cancelled
      )
      select f.id, n.id is not null as renewed, coalesce(n.cancelled, false) as cancelled
      from free f left join renewed n on n.id = f.id`;
    const answers = new Map(rows.map((row) => [row.id, row]));
    for (const [id, hold] of asked) {
      const answer = answers.get(id);
      if (held.get(id) !== hold || !answer) continue;
      if (answer.renewed) renew(hold, sentAtMs, answer.cancelled);
      else lose(held, id, hold);
    }
  } catch {
    loseOverdue(held);
  }
}

function renew(hold: Held, sentAtMs: number, cancelled: boolean): void {
  hold.renewedAtMs = Math.max(hold.renewedAtMs, sentAtMs);
  if (cancelled && !hold.cancelRequested) {
    hold.cancelRequested = true;
    hold.onCancel();
  }
}

/** A lease that could not be renewed in time is given up by ourselves: the other side counts from the same moment. */
function loseOverdue(held: Map<string, Held>): void {
  for (const [id, hold] of held) {
    if (performance.now() - hold.renewedAtMs > leaseSeconds * 1000) lose(held, id, hold);
  }
}

function lose(held: Map<string, Held>, id: string, hold: Held): void {
  held.delete(id);
  hold.onLost();
}
