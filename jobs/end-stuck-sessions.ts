import type { Sql } from "../src/db/tx.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

interface Means {
  db: Pick<WorkerDeps["db"], "app" | "provisioner">;
  log: WorkerDeps["log"];
}

const everyMs = 1500;
const stuckSeconds = 2;

/**
 * Ends sessions of ours whose process stopped between the messages of one statement, inside a transaction: they keep their
 * locks, and no timeout of the server looks at them before Postgres 17. Every worker does it; twice is harmless.
 */
export function endStuckSessions({ db, log }: Means): { close(): void } {
  const look = async (sql: Sql) => {
    try {
      const ended = await endStuck(sql);
      if (ended > 0) log.warn({ ended }, "stuck database sessions ended");
    } catch (err) {
      log.debug({ err }, "could not look for stuck database sessions");
    }
  };
  const timer = setInterval(() => void Promise.all([look(db.app), look(db.provisioner)]), everyMs);
  return { close: () => clearInterval(timer) };
}

async function endStuck(sql: Sql): Promise<number> {
  const [row] = await sql<{ ended: number }[]>`
    select count(pg_terminate_backend(a.pid))::int as ended from pg_stat_activity a
    where a.usename = session_user and a.datname = current_database() and a.application_name like 'federation %'
      and a.pid <> pg_backend_pid() and a.state = 'active' and a.wait_event = 'ClientRead' and a.xact_start is not null
      and clock_timestamp() - a.state_change > make_interval(secs => ${stuckSeconds})`;
  return row?.ended ?? 0;
}
