// A deployment's life is planned when it is made, and read off the clock: the fake has no timers.

export type DeploymentStatus =
  | "BUILDING"
  | "CRASHED"
  | "DEPLOYING"
  | "FAILED"
  | "INITIALIZING"
  | "NEEDS_APPROVAL"
  | "QUEUED"
  | "REMOVED"
  | "REMOVING"
  | "SLEEPING"
  | "SUCCESS";

/** What made it. */
export type Cause = "deployV2" | "variables" | "source" | "redeploy" | "rollback";

export interface Step {
  status: DeploymentStatus;
  at: number;
}

/** What it runs, as it was when the deployment was made. */
export interface Snapshot {
  image: string | null;
  repo: string | null;
  variables: Record<string, string>;
  drainingMs: number;
}

export interface Deployment {
  id: string;
  projectId: string;
  serviceId: string;
  environmentId: string;
  cause: Cause;
  snapshot: Snapshot;
  createdAt: number;
  visibleAt: number;
  /** Oldest first; the ones that are ahead of time come unless something ends it. */
  steps: Step[];
  /** Its processes were told to end; the status stays. */
  stoppedAt?: number;
  /** Removed or cancelled. */
  endedAt?: number;
}

const inProgress: readonly DeploymentStatus[] = ["QUEUED", "INITIALIZING", "BUILDING", "DEPLOYING"];
const live: readonly DeploymentStatus[] = ["SUCCESS", "SLEEPING"];

/** Where it stands, given every deployment of its instance, oldest first. */
export function stepOf(deployment: Deployment, all: readonly Deployment[], now: number): Step {
  const endedAt = Math.min(deployment.endedAt ?? Infinity, supersededAt(deployment, all));
  const step = stepAt(deployment, Math.min(now, endedAt));
  if (endedAt > now) return step;
  if (step.status === "FAILED" && deployment.endedAt === undefined) return step;
  const removedAt = endedAt + (live.includes(step.status) ? deployment.snapshot.drainingMs : 0);
  return removedAt > now ? { status: "REMOVING", at: endedAt } : { status: "REMOVED", at: removedAt };
}

export const isInProgress = ({ status }: Step) => inProgress.includes(status);

/** Whether its processes serve right now. */
export const isServing = (deployment: Deployment, { status }: Step) =>
  live.includes(status) && deployment.stoppedAt === undefined;

/** Whether it ever went live. */
export const hasSucceeded = (deployment: Deployment, now: number) => succeededAt(deployment) <= now;

/** How long its processes served up to a time, in real milliseconds. */
export function servedMs(deployment: Deployment, all: readonly Deployment[], to: number): number {
  const { endedAt = Infinity, stoppedAt = Infinity, steps } = deployment;
  const crashedAt = steps.find(({ status }) => status === "CRASHED")?.at ?? Infinity;
  const until = Math.min(to, endedAt, stoppedAt, crashedAt, supersededAt(deployment, all));
  return Math.max(0, until - succeededAt(deployment));
}

/** The first success, planned or past, if nothing ended it before. */
function succeededAt({ steps, endedAt = Infinity }: Deployment): number {
  const at = steps.find(({ status }) => status === "SUCCESS")?.at ?? Infinity;
  return at < endedAt ? at : Infinity;
}

/** A deployment makes place for the first later one that succeeds. */
function supersededAt(deployment: Deployment, all: readonly Deployment[]): number {
  const later = all.slice(all.indexOf(deployment) + 1);
  return Math.min(...later.map(succeededAt));
}

function stepAt({ steps }: Deployment, now: number): Step {
  const step = steps.findLast(({ at }) => at <= now) ?? steps[0];
  if (!step) throw new Error("A deployment has at least one step.");
  return step;
}
