import type { FakeEngine } from "./start-fake-engine.ts";

/** Kinds of what the engine has with the department's label, sorted. */
export function thingsOf({ networks, swarm, secrets }: FakeEngine, department: string): string[] {
  const labels = [
    ...[...networks.values()].map(({ Labels }) => ["network", Labels] as const),
    ...[...swarm.services.values()].map(({ Spec }) => ["service", Spec.Labels] as const),
    ...[...secrets.values()].map(({ Spec }) => ["secret", Spec.Labels] as const),
  ];
  return labels
    .flatMap(([kind, owner]) => (owner["federation.department"] === department ? [kind] : []))
    .toSorted();
}

/** How many tasks of the department run or may. */
export function liveTasksOf({ swarm }: FakeEngine, department: string): number {
  const live = ["preparing", "starting", "running"];
  return swarm
    .tasks()
    .filter(
      ({ serviceLabels, Status }) =>
        serviceLabels["federation.department"] === department && live.includes(Status.State),
    ).length;
}
