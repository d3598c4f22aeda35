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
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing.then(() => renewLeases(sql, owner, held));
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
    const rows = await sql<{ id: string; cancelled: boolean }[]>`
      with held as (
        select id, epoch from unnest(${asked.map(([id]) => id)}::uuid[], ${asked.map(([, hold]) => hold.epoch)}::int[])
          as h(id, epoch)
      ), locked as materialized (
        select r.id, h.epoch from federation.run r join held h on h.id = r.id order by r.id for no key update of r
      )
      update federation.run r set lease_until = clock_timestamp() + make_interval(secs => ${leaseSeconds})
      from locked l where r.id = l.id and r.epoch = l.epoch and r.lease_owner = ${owner}
      returning r.id, r.cancel_requested_at is not null as cancelled`;
    const renewed = new Map(rows.map((row) => [row.id, row.cancelled]));
    for (const [id, hold] of asked) {
      if (held.get(id) !== hold) continue;
      const cancelled = renewed.get(id);
      if (cancelled === undefined) lose(held, id, hold);
      else renew(hold, sentAtMs, cancelled);
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
