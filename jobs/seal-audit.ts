import { openAnchorDirectory } from "../src/audit/anchor-directory.ts";
import { sealCheckpoint } from "../src/audit/seal-checkpoint.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

/** Under a minute, so that there is a checkpoint in every one. */
const everyMs = 45_000;

/** Signs a checkpoint over the audit's heads, now and again, until it is closed; every worker may. */
export function sealAudit({ db, vault, config, log }: WorkerDeps): { close(): Promise<void> } {
  const means = { sql: db.app, vault, anchor: openAnchorDirectory(config.auditAnchorUrl) };
  let running = Promise.resolve();
  const seal = async () => {
    try {
      await sealCheckpoint(means);
    } catch (err) {
      log.error({ err }, "the audit was not sealed");
    }
  };
  const next = () => void (running = running.then(seal));
  // Workers that start together do not seal together.
  const first = setTimeout(next, 5000 * Math.random());
  const timer = setInterval(next, everyMs);
  return {
    async close() {
      clearTimeout(first);
      clearInterval(timer);
      await running;
    },
  };
}
