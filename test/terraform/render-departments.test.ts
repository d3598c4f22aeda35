import { describe, expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderDepartments, type TerraformDepartment } from "../../src/terraform/render-departments.ts";
import { findProblems, parseModule } from "../deploy/find-problems.ts";
import { runTerraform, terraform } from "../deploy/run-terraform.ts";

const versions = await Bun.file(
  join(import.meta.dir, "../../templates/terraform/control-plane/versions.tf"),
).text();
const department = (slug: string, more: Partial<TerraformDepartment> = {}): TerraformDepartment => ({
  slug,
  name: slug.toUpperCase(),
  host: "railway",
  status: "active",
  projectId: `project-of-${slug}`,
  serviceId: `service-of-${slug}`,
  ...more,
});
const several = [
  department("a"),
  department("a-b", { status: "suspended", serviceId: null }),
  department("accounting-of-the-northern-branch-1", { status: "degraded" }),
  department("coming", { status: "provisioning" }),
  department("docks", { host: "docker", projectId: null, serviceId: null }),
  department("going", { status: "deprovisioning" }),
  department("lost", { projectId: null, serviceId: null }),
];

test("a department is its project and service, each with the import block that names it", () => {
  expect(renderDepartments([department("hr", { name: "Human Resources" })], "production").hcl)
    .toBe(`# Departments on Railway, made by \`fed terraform export\`. Federation deploys them; see docs/deploy/terraform.md.

import {
  to = railway_project.hr
  id = "project-of-hr"
}

resource "railway_project" "hr" {
  name           = "aio-hr-production"
  private        = true
  has_pr_deploys = false

  default_environment = {
    name = "production"
  }

  lifecycle {
    prevent_destroy = true
    ignore_changes  = [description]
  }
}

import {
  to = railway_service.hr
  id = "service-of-hr"
}

resource "railway_service" "hr" {
  name       = "agent"
  project_id = railway_project.hr.id

  lifecycle {
    prevent_destroy = true
    ignore_changes  = all
  }
}

output "departments" {
  value = {
    "hr" = {
      name       = "Human Resources"
      project_id = railway_project.hr.id
      service_id = railway_service.hr.id
    }
  }
}
`);
});

test("who is not on Railway, or may be taken away by a run, is named in a comment and nowhere else", async () => {
  const { hcl, departments, left_out } = renderDepartments(several, "staging");
  expect(departments).toEqual(["a", "a-b", "accounting-of-the-northern-branch-1"]);
  expect(left_out).toEqual([
    { department_id: "coming", reason: "provisioning" },
    { department_id: "docks", reason: "host docker" },
    { department_id: "going", reason: "deprovisioning" },
    { department_id: "lost", reason: "no project" },
  ]);
  const code = hcl.replaceAll(/^#.*$/gm, "");
  for (const { department_id, reason } of left_out) {
    expect(hcl).toContain(`#   ${department_id}: ${reason}\n`);
    expect(code).not.toContain(`"${department_id}"`);
  }
});

const exports: [name: string, departments: TerraformDepartment[]][] = [
  ["none", []],
  ["one", [department("hr")]],
  ["several", several],
];

describe.each(exports)("the export of %s", (_name, departments) => {
  const { hcl } = renderDepartments(departments, "production");

  test("sets what the provider has, and imports what it declares, once", async () => {
    expect(await findProblems(`${versions}\n${hcl}`)).toEqual([]);
    const { import: imports, resource } = await parseModule(hcl);
    const declared = Object.entries(resource).flatMap(([type, named]) =>
      Object.keys(named).map((name) => `\${${type}.${name}}`),
    );
    expect(imports.map(({ to }) => to).toSorted()).toEqual(declared.toSorted());
  });

  test.skipIf(terraform === null)("is formatted as terraform formats", async () => {
    const { code, err } = await runTerraform(tmpdir(), ["fmt", "-check", "-"], hcl);
    expect([code, err]).toEqual([0, ""]);
  });
});

test("a hostile name or id stays text", async () => {
  const name = 'x"\n}\nresource "railway_project" "evil" {\n  name = "${file("/etc/passwd")} %{ if true }\\';
  const hostile = department("hr", {
    name,
    projectId: `1"\n}\n${name}`,
    serviceId: "${railway_project.hr.id}",
  });
  const { hcl } = renderDepartments([hostile], "production");
  expect(await findProblems(hcl)).toEqual([]);
  const { resource, output, import: imports } = await parseModule(hcl);
  expect(Object.keys(resource["railway_project"] ?? {})).toEqual(["hr"]);
  // As the parser writes text that only looks like a template.
  const asText = (text: string) => text.replaceAll(/[$%](?=\{)/g, (character) => character + character);
  expect(output["departments"]?.[0]?.["value"]).toMatchObject({ hr: { name: asText(name) } });
  expect(imports.map(({ id }) => id)).toEqual([`1"\n}\n${name}`, "${railway_project.hr.id}"].map(asText));
});

test("a slug that is none is refused, in a comment, too", () => {
  for (const host of ["railway", "docker"]) {
    const hostile = department('x\n}\nresource "a" "b', { host });
    expect(() => renderDepartments([hostile], "production")).toThrow(
      "The slug cannot be a name in Terraform.",
    );
  }
});
