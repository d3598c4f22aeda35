import { FederationError } from "../../../errors.ts";
import type { AgentSpec } from "../host.ts";

export const labels = {
  environment: "federation.environment",
  department: "federation.department",
  slug: "federation.slug",
  release: "federation.release",
  /** Of a container: which template it was made from. */
  revision: "federation.revision",
} as const;

/** Whose things: all of an environment's, or one department's. */
export interface Owner {
  environment: string;
  departmentId?: string;
}

/** A secret's name, the longest made from it, has 64 characters at most. */
const slugCharsMax = 29;

/** Name of the department's network and service, and the beginning of its secrets'; also a DNS label. */
export function baseName({ slug, departmentId }: Pick<AgentSpec, "slug" | "departmentId">): string {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(slug))
    throw new FederationError("invalid_slug", "The slug cannot be part of a host name.");
  const short = slug.slice(0, slugCharsMax).replace(/-+$/, "");
  return `aio-${short}-${departmentId.replaceAll("-", "").slice(-12)}`;
}

export const ownerLabels = (environment: string, { departmentId, slug }: AgentSpec) => ({
  [labels.environment]: environment,
  [labels.department]: departmentId,
  [labels.slug]: slug,
});

/** The `filters` parameter of a list call. */
export function ownerFilter({ environment, departmentId }: Owner): Record<string, string> {
  const label = [`${labels.environment}=${environment}`];
  if (departmentId !== undefined) label.push(`${labels.department}=${departmentId}`);
  return { filters: JSON.stringify({ label }) };
}

export const nameTaken = (name: string) =>
  new FederationError("name_taken", `The Docker engine has another ${name}, which is not the department's.`, {
    status: 409,
  });
