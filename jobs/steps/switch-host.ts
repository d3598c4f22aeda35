import { changePlace } from "../../src/departments/change-place.ts";
import { readMove } from "../../src/departments/move-input.ts";
import type { Tx } from "../../src/db/tx.ts";
import { conflict } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import type { Place } from "../../src/provisioning/places.ts";
import { type StepEvent, stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";

/**
 * Everybody is led to the new place from one moment on. Until the next step begins both agents run, so its undo is the
 * same the other way round.
 */
export const switchHost: JobStep = {
  async run(ctx) {
    const { to } = readMove(ctx.run.input);
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const department = await lockDepartment(tx, ctx.run.department.id);
      if (department.host === to.host) return;
      if (!department.active) throw conflict("not_active", "The department is no longer active.");
      await leadTo(ctx, tx, to, { agentUrl: urlOf(ctx.output("move-deploy")?.["url"]), record });
    });
    return done({ host: to.host });
  },
  async undo(ctx) {
    const { from } = readMove(ctx.run.input);
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const department = await lockDepartment(tx, ctx.run.department.id);
      if (department.host === from.host) return;
      await leadTo(ctx, tx, from, { agentUrl: urlOf(ctx.output("move-verify")?.["url_before"]), record });
    });
  },
};

async function leadTo(
  { run }: JobContext,
  tx: Tx,
  place: Place,
  { agentUrl, record }: { agentUrl: string | null; record: (event: StepEvent) => void },
): Promise<void> {
  const by = run.requestedBy;
  const version = await changePlace(tx, run.department.id, place, { agentUrl, by });
  const { host, region, release } = place;
  record({ action: "agent.move", meta: { host, region, release, url: agentUrl, version } });
}

async function lockDepartment(tx: Tx, id: string): Promise<{ host: string; active: boolean }> {
  const [row] = await tx<{ host: string; active: boolean }[]>`
    select host, status in ('active', 'degraded') and locked_at is null as active
    from federation.department where id = ${id} for no key update`;
  return row ?? { host: "", active: false };
}

const urlOf = (value: unknown) => (typeof value === "string" ? value : null);
