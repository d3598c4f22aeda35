import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Probe, probeIsolation } from "../../../src/departments/schema/probe-isolation.ts";
import { type Department, isolationWorld, type World } from "../../isolation/world.ts";

let world: World;
let department: Department;

beforeAll(async () => {
  world = await isolationWorld();
  department = await world.addDepartment();
});
afterAll(() => world.close());

const probe = () => probeIsolation(world, world, department);
const failed = (probes: Probe[]) => probes.filter(({ passed }) => !passed).map((one) => one.probe);

test("every wall of a fresh department holds, and the probes leave nothing behind", async () => {
  const probes = await probe();
  expect(failed(probes)).toEqual([]);
  expect(probes.length).toBeGreaterThan(15);
  expect(await world.admin.unsafe(`select from ${department.schemaName}.document`)).toHaveLength(0);
});

const breaks: [string, string, string, string[]][] = [
  [
    "the sealed policy is gone",
    "drop policy sealed on {}.document",
    `create policy sealed on {}.document as restrictive to {role} using (session_user = '{role}' or (select gateway.owns('{id}')))`,
    [
      "no_context_sees_nothing",
      "spoofed_context_sees_nothing",
      "forged_seal_sees_nothing",
      "other_departments_seal_sees_nothing",
    ],
  ],
  [
    "row-level security is off",
    "alter table {}.contact disable row level security",
    "alter table {}.contact enable row level security",
    ["no_context_writes_nothing"],
  ],
  [
    "the application was let in",
    "grant usage on schema {} to federation_app; grant select on {}.document to federation_app",
    "revoke usage on schema {} from federation_app; revoke select on {}.document from federation_app",
    ["app_is_refused"],
  ],
  [
    "truncate was granted",
    "grant truncate on {}.document to {role}",
    "revoke truncate on {}.document from {role}",
    ["own_role_cannot_truncate"],
  ],
  [
    "the department's audit became writable",
    "grant update on {}.local_audit to {role}",
    "revoke update on {}.local_audit from {role}",
    ["own_role_cannot_rewrite_its_audit"],
  ],
  [
    "the role may create",
    "grant create on schema {} to {role}",
    "revoke create on schema {} from {role}",
    ["own_role_cannot_create"],
  ],
];

for (const [name, plant, repair, expected] of breaks) {
  test(`a probe finds it when ${name}`, async () => {
    await world.admin.unsafe(fill(plant));
    try {
      expect(failed(await probe())).toEqual(expected);
    } finally {
      await world.admin.unsafe(fill(repair));
    }
    expect(failed(await probe())).toEqual([]);
  });
}

function fill(text: string): string {
  return text
    .replaceAll("{}", department.schemaName)
    .replaceAll("{role}", department.roleName)
    .replaceAll("{id}", department.id);
}
