import type { Ctx } from "../context.ts";

export interface AcceptedRun {
  provisioning_id: string;
  department_id: string;
  department: string;
  status: string;
  status_url: string;
  events_url: string;
}

/** What a call that began a run answers: which run, what the department is about to be, and where to follow it. */
export function acceptedRun(
  ctx: Pick<Ctx, "config">,
  runId: string,
  { id, slug }: { id: string; slug: string },
  status: string,
): AcceptedRun {
  const url = `${ctx.config.publicUrl}/api/v1/provision-status/${runId}`;
  const ids = { provisioning_id: runId, department_id: slug, department: id };
  return { ...ids, status, status_url: url, events_url: `${url}/events` };
}
