import { compareSetting, compareVariables, serviceMissing } from "../compare-agents.ts";
import type { AgentSpec, HostChange } from "../host.ts";
import type { DockerContext } from "./context.ts";
import { isCovered } from "./is-covered.ts";
import { labels } from "./names.ts";
import { secretName } from "./secrets.ts";
import { type ServiceSpec, serviceSpec } from "./service-spec.ts";
import { findService, type Service } from "./services.ts";

/** The service as the swarm has it, against what a deploy of the spec would ask for. */
export async function serviceDrift(
  ctx: DockerContext,
  spec: AgentSpec,
  signal: AbortSignal,
): Promise<HostChange[]> {
  const service = await findService(ctx, spec.departmentId, signal);
  if (!service) return serviceMissing;
  const wanted = wantedOf(ctx, spec, service.Spec, await ctx.engine.apiMinor(signal));
  const changes = [
    ...compareVariables(
      variablesIn(wanted.TaskTemplate.ContainerSpec.Env),
      variablesIn(service.Spec.TaskTemplate.ContainerSpec.Env ?? []),
    ),
    ...secretChanges(spec, service.Spec),
    ...settingChanges(wanted, service.Spec),
  ];
  if (changes.length > 0 || isCovered(wanted, service.Spec)) return changes;
  return [{ part: "service", name: "settings", change: "changed" }];
}

/** With the ids of what the service has now, which the spec does not say. */
function wantedOf(ctx: DockerContext, spec: AgentSpec, found: Service["Spec"], apiMinor: number) {
  const { Networks, ContainerSpec } = found.TaskTemplate;
  const name = secretName(spec);
  const id = ContainerSpec.Secrets?.find(({ SecretName }) => SecretName === name)?.SecretID ?? "";
  return serviceSpec(ctx, spec, {
    networkId: Networks?.[0]?.Target ?? "",
    secret: name === undefined ? undefined : { id, name },
    replicas: spec.limits.replicas,
    apiMinor,
  });
}

/** Secrets are in one file: that another one is mounted is all that can be told. */
function secretChanges(spec: AgentSpec, found: Service["Spec"]): HostChange[] {
  const mounted = (found.TaskTemplate.ContainerSpec.Secrets ?? []).map(({ SecretName }) => SecretName);
  const name = secretName(spec);
  if (name === undefined ? mounted.length === 0 : mounted.length === 1 && mounted[0] === name) return [];
  return [
    { part: "variable", name: "secret variables", change: mounted.length === 0 ? "missing" : "changed" },
  ];
}

function settingChanges(wanted: ServiceSpec, found: Service["Spec"]): HostChange[] {
  const { ContainerSpec, Resources, Placement } = wanted.TaskTemplate;
  const present = found.TaskTemplate;
  const limits = present.Resources?.Limits;
  const regionOf = (constraints: string[] = []) => constraints.toSorted().join(", ");
  return [
    ...compareSetting("image", "image", ContainerSpec.Image, present.ContainerSpec.Image ?? null),
    ...compareSetting(
      "release",
      "release",
      wanted.Labels[labels.release] ?? "",
      found.Labels?.[labels.release] ?? null,
    ),
    ...compareSetting("limits", "cpu (nano)", Resources.Limits.NanoCPUs, limits?.NanoCPUs ?? null),
    ...compareSetting("limits", "memory (bytes)", Resources.Limits.MemoryBytes, limits?.MemoryBytes ?? null),
    ...compareSetting(
      "replicas",
      "replicas",
      wanted.Mode.Replicated.Replicas,
      found.Mode.Replicated.Replicas,
    ),
    ...compareSetting(
      "region",
      "constraints",
      regionOf(Placement.Constraints),
      regionOf(present.Placement?.Constraints ?? []),
    ),
  ];
}

function variablesIn(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [name = ""] = line.split("=", 1);
      return [name, line.slice(name.length + 1)];
    }),
  );
}
