import { FederationError } from "../errors.ts";
import type { Department } from "../departments/resolve.ts";
import { hclString } from "./hcl-string.ts";

export interface TerraformDepartment extends Pick<Department, "slug" | "name" | "host" | "status"> {
  /** Railway's ids; null while there is no such thing. */
  projectId: string | null;
  serviceId: string | null;
}

export interface TerraformExport {
  /** What `terraform fmt` would leave as it is. */
  hcl: string;
  departments: string[];
  left_out: { department_id: string; reason: string }[];
}

type OnRailway = TerraformDepartment & { projectId: string };

/** HCL of those that are on Railway and settled, in the order given; the same rows make the same text. */
export function renderDepartments(
  departments: readonly TerraformDepartment[],
  environment: string,
): TerraformExport {
  const exported = departments.filter(isExported);
  const leftOut = departments
    .filter((department) => !isExported(department))
    .map((department) => ({ department_id: department.slug, reason: reasonOf(department) }));
  const blocks = [
    heading(leftOut),
    ...exported.flatMap((department) => blocksOf(department, environment)),
    output(exported),
  ];
  return {
    hcl: blocks.join("\n"),
    departments: exported.map(({ slug }) => slug),
    left_out: leftOut,
  };
}

/** Where no run may take the project away again. */
const settled: readonly Department["status"][] = ["active", "degraded", "suspended"];

const isExported = (department: TerraformDepartment): department is OnRailway =>
  department.host === "railway" && department.projectId !== null && settled.includes(department.status);

function reasonOf({ host, status }: TerraformDepartment): string {
  if (host !== "railway") return `host ${host}`;
  return settled.includes(status) ? "no project" : status;
}

function heading(leftOut: TerraformExport["left_out"]): string {
  const lines = [
    "# Departments on Railway, made by `fed terraform export`. Federation deploys them; see docs/deploy/terraform.md.",
    ...(leftOut.length > 0 ? ["#", "# Not here:"] : []),
    ...leftOut.map(({ department_id, reason }) => `#   ${nameOf(department_id)}: ${reason}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** Its release, variables and scale are Federation's: Terraform knows that it is there, and does not take it away. */
function blocksOf({ slug, projectId, serviceId }: OnRailway, environment: string): string[] {
  const project = `resource "railway_project" "${nameOf(slug)}" {
  name           = ${hclString(`aio-${slug}-${environment}`)}
  private        = true
  has_pr_deploys = false

  default_environment = {
    name = ${hclString(environment)}
  }

  lifecycle {
    prevent_destroy = true
    ignore_changes  = [description]
  }
}
`;
  const service = `resource "railway_service" "${nameOf(slug)}" {
  name       = "agent"
  project_id = railway_project.${nameOf(slug)}.id

  lifecycle {
    prevent_destroy = true
    ignore_changes  = all
  }
}
`;
  return [
    ...[importOf("railway_project", slug, projectId), project],
    ...(serviceId === null ? [] : [importOf("railway_service", slug, serviceId), service]),
  ];
}

const importOf = (type: string, slug: string, id: string) => `import {
  to = ${type}.${nameOf(slug)}
  id = ${hclString(id)}
}
`;

function output(departments: readonly OnRailway[]): string {
  const entries = departments.map(({ slug, name, serviceId }) => {
    const service = serviceId === null ? "null" : `railway_service.${nameOf(slug)}.id`;
    return `    ${hclString(slug)} = {
      name       = ${hclString(name)}
      project_id = railway_project.${nameOf(slug)}.id
      service_id = ${service}
    }
`;
  });
  return `output "departments" {
  value = {${entries.length > 0 ? `\n${entries.join("")}  ` : ""}}
}
`;
}

/** A slug as it is; anything else would be HCL of somebody's making. */
function nameOf(slug: string): string {
  if (!/^[a-z][a-z0-9-]*$/.test(slug))
    throw new FederationError("invalid_slug", "The slug cannot be a name in Terraform.");
  return slug;
}
