import type { RunKind } from "./run.ts";

/** How public progress groups the steps. */
export const progressGroups = ["database", "oauth", "host", "workflows", "gateway", "health"] as const;
export type ProgressGroup = (typeof progressGroups)[number];

export interface PlannedStep<Name extends string = string> {
  /** Also the name in the database and of the file in jobs/steps. */
  name: Name;
  needs: readonly NoInfer<Name>[];
  group: ProgressGroup;
  /** Its time is a choice of who asked, not work: left out of percent and history. */
  idle?: true;
}

export interface Plan<Name extends string = string> {
  kind: RunKind;
  steps: readonly PlannedStep<Name>[];
  /** Once this step has started the run can no longer be cancelled or rolled back; where it is the first one, never. */
  pointOfNoReturn?: NoInfer<Name>;
  /** What the department becomes with the run; left out = the steps say it themselves. */
  departmentStatus: { parked?: "failed"; resumed?: "provisioning"; rolledBack?: "deprovisioned" };
}

const definePlan = <Name extends string>(plan: Plan<Name>): Plan<Name> => plan;

export const provisionPlan = definePlan({
  kind: "provision",
  departmentStatus: { parked: "failed", resumed: "provisioning", rolledBack: "deprovisioned" },
  steps: [
    { name: "preflight", needs: [], group: "database" },
    { name: "database", needs: ["preflight"], group: "database" },
    { name: "encryption-key", needs: ["preflight"], group: "database" },
    { name: "oauth-client", needs: ["preflight"], group: "oauth" },
    { name: "host-project", needs: ["preflight"], group: "host" },
    {
      name: "client-credentials",
      needs: ["database", "encryption-key", "oauth-client", "host-project"],
      group: "gateway",
    },
    { name: "workflows", needs: ["client-credentials"], group: "workflows" },
    { name: "configure", needs: ["workflows"], group: "host" },
    { name: "deploy", needs: ["configure"], group: "host" },
    { name: "verify", needs: ["deploy"], group: "health" },
    { name: "direct-access", needs: ["verify"], group: "database" },
    { name: "activate", needs: ["direct-access"], group: "health" },
  ],
});

export const deprovisionPlan = definePlan({
  kind: "deprovision",
  departmentStatus: {},
  pointOfNoReturn: "stop",
  steps: [
    { name: "suspend", needs: [], group: "gateway" },
    { name: "drain", needs: ["suspend"], group: "gateway" },
    { name: "grace", needs: ["drain"], group: "gateway", idle: true },
    { name: "archive", needs: ["grace"], group: "database" },
    { name: "stop", needs: ["archive"], group: "host" },
    { name: "delete-host", needs: ["stop"], group: "host" },
    { name: "remove-workflows", needs: ["stop"], group: "workflows" },
    { name: "revoke-oauth", needs: ["stop"], group: "oauth" },
    { name: "revoke-clients", needs: ["stop"], group: "gateway" },
    { name: "drop-database", needs: ["delete-host", "remove-workflows"], group: "database" },
    { name: "destroy-keys", needs: ["drop-database", "revoke-oauth", "revoke-clients"], group: "database" },
    { name: "absence-sweep", needs: ["destroy-keys"], group: "health" },
    { name: "certificate", needs: ["absence-sweep"], group: "health" },
  ],
});

/** What a lockdown does after its own transaction: the credentials are dead, now what runs with them is ended. */
export const lockdownPlan = definePlan({
  kind: "lockdown",
  departmentStatus: {},
  pointOfNoReturn: "stop",
  steps: [
    { name: "stop", needs: [], group: "host" },
    { name: "close-login", needs: [], group: "database" },
    { name: "confirm-locked", needs: ["stop", "close-login"], group: "health" },
  ],
});

export const unlockPlan = definePlan({
  kind: "unlock",
  departmentStatus: {},
  steps: [
    { name: "client-credentials", needs: [], group: "gateway" },
    { name: "workflows", needs: ["client-credentials"], group: "workflows" },
    { name: "configure", needs: ["workflows"], group: "host" },
    { name: "deploy", needs: ["configure"], group: "host" },
    { name: "verify", needs: ["deploy"], group: "health" },
    { name: "direct-access", needs: ["verify"], group: "database" },
    { name: "release-lock", needs: ["direct-access"], group: "health" },
  ],
});

/** An active department brought to what its definition, the templates and a release say; what it was is put back. */
export const upgradePlan = definePlan({
  kind: "upgrade",
  departmentStatus: {},
  steps: [
    { name: "sync-schema", needs: [], group: "database" },
    { name: "sync-workflows", needs: ["sync-schema"], group: "workflows" },
    { name: "update-agent", needs: ["sync-workflows"], group: "host" },
    { name: "verify", needs: ["update-agent"], group: "health" },
    { name: "record-release", needs: ["verify"], group: "health" },
  ],
});

/**
 * An active department brought to another host: made there, proven, then one transaction leads everybody there. The old
 * place answers until then and is taken away behind it.
 */
export const movePlan = definePlan({
  kind: "move",
  departmentStatus: {},
  pointOfNoReturn: "remove-old-agent",
  steps: [
    { name: "move-project", needs: [], group: "host" },
    { name: "move-configure", needs: ["move-project"], group: "host" },
    { name: "move-deploy", needs: ["move-configure"], group: "host" },
    { name: "move-verify", needs: ["move-deploy"], group: "health" },
    { name: "switch-host", needs: ["move-verify"], group: "gateway" },
    { name: "remove-old-agent", needs: ["switch-host"], group: "host" },
  ],
});

export const plans: Partial<Record<RunKind, Plan>> = {
  provision: provisionPlan,
  deprovision: deprovisionPlan,
  lockdown: lockdownPlan,
  unlock: unlockPlan,
  upgrade: upgradePlan,
  move: movePlan,
};

/** Whether a run that has begun these steps can only go on. */
export function isIrreversible(plan: Plan | undefined, begun: readonly string[]): boolean {
  const step = plan?.pointOfNoReturn;
  return step !== undefined && (step === plan?.steps[0]?.name || begun.includes(step));
}

/** The step and everything that needs it, directly or not; steps come after what they need. */
export function withDependents(plan: Plan, name: string): string[] {
  const chosen = new Set([name]);
  for (const step of plan.steps) {
    if (step.needs.some((need) => chosen.has(need))) chosen.add(step.name);
  }
  return [...chosen];
}
