import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

const everyMs = 5000;
const overdueSeconds = 30;

/**
 * The watchdog over departments' own database logins: a session may lift its own timeouts, so what it runs or leaves
 * open for longer than 30 s is ended from outside. Every worker does it; twice is harmless.
 */
export function endOverdueLogins({ db, log }: WorkerDeps): { close(): void } {
  const timer = setInterval(() => {
    db.provisioner<{ ended: number }[]>`select federation_roles.end_overdue(${overdueSeconds}) as ended`.then(
      ([row]) =>
        row && row.ended > 0 ? log.warn({ ended: row.ended }, "overdue database sessions ended") : undefined,
      (error: unknown) => log.warn({ err: error }, "could not look for overdue database sessions"),
    );
  }, everyMs);
  return { close: () => clearInterval(timer) };
}
