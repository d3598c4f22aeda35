import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { unprocessable } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { movePlan } from "../provisioning/plans.ts";
import { submitRun } from "../provisioning/submit-run.ts";
import type { Host } from "../providers/hosts/host.ts";
import { acceptedRun } from "./accepted-run.ts";
import { lockActive } from "./lock-active.ts";
import { type Move, writeMove } from "./move-input.ts";
import { currentRelease } from "./release.ts";
import type { Department } from "./resolve.ts";

export interface MoveRequest {
  to: Host["name"];
  /** Among the machines of the new host; left out: the same name as before, null: wherever. */
  region?: string | null | undefined;
}

/**
 * Begins to bring a department's agent to another host. The old one answers until the new one is proven, and goes only
 * then; what fails before is taken back at once. Throws 409 `not_active`, 422 `host_not_configured` and `already_there`.
 */
export async function moveDepartment(ctx: Ctx, idOrSlug: string, request: MoveRequest) {
  return withTx(ctx.db.app, async (tx) => {
    const department = await lockActive(ctx, tx, idOrSlug);
    const { from, to } = placesOf(ctx, department, request);
    const input = writeMove({ from, to });
    const inputHash = `${to.host}:${to.region ?? ""}:${to.release}`;
    const runId = await submitRun(ctx, tx, movePlan, { departmentId: department.id, input, inputHash });
    const answer = acceptedRun(ctx, runId, department, "moving");
    await completeIdempotency(tx, ctx, 202, { ...answer });
    const event = { ...auditActor(ctx), stream: department.id, department: department.id };
    const meta = { run: runId, from: from.host, to: to.host, release: to.release };
    await appendAudit(tx, [{ ...event, action: "department.move", decision: "done", meta }]);
    return answer;
  });
}

function placesOf(ctx: Ctx, department: Department, request: MoveRequest): Move {
  const { host, region, release } = department;
  const { to } = request;
  if (to === host) throw refused("already_there", `The department is on the host ${to} already.`);
  if (!ctx.config.hosts.includes(to))
    throw refused("host_not_configured", `The host ${to} is not configured here.`);
  // Hosts that run images run the same ones: a move is no upgrade.
  const isImage = host !== "local" && to !== "local";
  const next = isImage ? release : currentRelease(ctx.config, to);
  const nextRegion = request.region === undefined ? region : request.region;
  return { from: { host, region, release }, to: { host: to, region: nextRegion, release: next } };
}

const refused = (code: string, message: string) =>
  unprocessable(code, message, [{ path: "to", message: "is not a place to move to" }]);
