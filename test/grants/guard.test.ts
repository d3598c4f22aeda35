import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Department, failureOf, isolationWorld, type World } from "../isolation/world.ts";

let world: World;
let a: Department;
let b: Department;
let c: Department;
let admins: Record<"a" | "b" | "c", string>;
let grant: string;
beforeAll(async () => {
  world = await isolationWorld();
  const add = () => world.addDepartment({ schema: false });
  [a, b, c] = await Promise.all([add(), add(), add()]);
  admins = { a: await addMember(a.id), b: await addMember(b.id), c: await addMember(c.id) };
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.admin`delete from federation.access_grant`;
  grant = await request();
});

async function addMember(departmentId: string | null, role = "department_admin"): Promise<string> {
  const id = Bun.randomUUIDv7();
  await world.admin`insert into federation.member (id, email, role, department_id)
    values (${id}, ${`${id}@example.org`}, ${role}, ${departmentId})`;
  return id;
}

/** As federation_app, whose login an injection in the web process would have. */
async function request(change: object = {}): Promise<string> {
  const row = {
    id: Bun.randomUUIDv7(),
    source: a.id,
    target: b.id,
    target_name: "b",
    permission: "read",
    resource: "documents",
    status: "requested",
    requested_by: admins.a,
    reason: "test",
    expires_in_days: 30,
    expires_at: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    ...change,
  };
  await world.app`insert into federation.access_grant ${world.app(row)}`;
  return row.id;
}
const change = (set: string) =>
  failureOf(world.app.unsafe(`update federation.access_grant set ${set} where id = '${grant}'`));
const approval = (by: string, expires = "clock_timestamp() + interval '1 day'") =>
  `status = 'approved', approved_by = '${by}', approved_at = clock_timestamp(), expires_at = ${expires}`;
const statusOf = async () =>
  (await world.admin`select status from federation.access_grant where id = ${grant}`)[0]?.["status"];

test("an enabled admin of the target may approve, and either side may end it", async () => {
  expect(await change(approval(admins.b))).toBe("none");
  expect(await change("status = 'revoked'")).toBe("none");
  const [row] =
    await world.admin`select ended_at is not null as ended from federation.access_grant where id = ${grant}`;
  expect(row?.["ended"]).toBe(true);
});

describe("the table refuses the application an approval or a rejection by", () => {
  const deciders: [name: string, id: () => Promise<string> | string][] = [
    ["the source's admin", () => admins.a],
    ["another department's admin", () => admins.c],
    ["an operator of the platform", () => addMember(null, "operator")],
    ["an admin of the platform", () => addMember(null, "admin")],
    ["somebody who never was", () => Bun.randomUUIDv7()],
    ["a name that is no member", () => "b"],
    ["a disabled admin of the target", () => disabled()],
    ["a machine of the target", () => machine()],
    ["who asked", () => requester()],
  ];
  test.each(deciders.map(([name, id]) => ({ name, id })))("$name", async ({ id }) => {
    const by = await id();
    expect(await change(approval(by))).toBe("42501");
    expect(await change(`status = 'rejected', ended_by = '${by}', ended_reason = 'x'`)).toBe("42501");
    expect(await statusOf()).toBe("requested");
  });

  async function disabled() {
    const id = await addMember(b.id);
    await world.admin`update federation.member set disabled_at = now() where id = ${id}`;
    return id;
  }

  async function machine() {
    const id = Bun.randomUUIDv7();
    await world.admin`insert into federation.api_client (id, key_id, name, department_id, secret_hash, scopes, status, expires_at)
      values (${id}, ${id.slice(-8)}, 'm', ${b.id}, sha256(''), '{grants:write}', 'active', now() + interval '1 day')`;
    return id;
  }

  async function requester() {
    grant = await request({ requested_by: admins.b, resource: "contacts" });
    return admins.b;
  }
});

test("a person who is being disabled at this moment approves before or not at all", async () => {
  const id = await addMember(b.id);
  const disabling = await world.admin.reserve();
  await disabling`begin`;
  await disabling`update federation.member set disabled_at = now() where id = ${id}`;
  const approving = change(approval(id));
  for (;;) {
    const [waits] =
      await world.admin`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    if (waits) break;
  }
  await disabling`commit`;
  disabling.release();
  expect(await approving).toBe("42501");
});

describe("the table refuses the application", () => {
  const attempts: [name: string, set: () => string, first?: () => string][] = [
    ["an approval without a name", () => "status = 'approved', approved_by = null"],
    ["a term longer than was asked for", () => approval(admins.b, "clock_timestamp() + interval '31 days'")],
    ["another source", () => `source = '${c.id}'`],
    ["another target", () => `target = '${c.id}'`],
    ["another target with the approval", () => `${approval(admins.c)}, target = '${c.id}'`],
    ["another permission with the approval", () => `${approval(admins.b)}, permission = 'aggregate'`],
    ["another resource with the approval", () => `${approval(admins.b)}, resource = '*'`],
    ["another requester with the approval", () => `${approval(admins.b)}, requested_by = 'x'`],
    ["another reason", () => "reason = 'x'"],
    ["a later lapse", () => "lapses_at = 'infinity'"],
    ["more days", () => "expires_in_days = 365"],
    ["a lapse before its time", () => "status = 'lapsed'"],
    ["a longer term of an open grant", () => "expires_at = 'infinity'", () => approval(admins.b)],
    [
      "a wider limit of an open grant",
      () => "query_limit = 9, query_window_seconds = 1",
      () => approval(admins.b),
    ],
    ["an open grant back to a request", () => "status = 'requested'", () => approval(admins.b)],
    ["a rejection of an open grant", () => rejection(), () => approval(admins.b)],
    ["a revoked one back", () => approval(admins.b), () => "status = 'revoked'"],
    ["a rejected one back", () => approval(admins.b), () => rejection()],
    ["a new end of a revoked one", () => "ended_reason = 'x'", () => "status = 'revoked'"],
  ];
  const rejection = () => `status = 'rejected', ended_by = '${admins.b}', ended_reason = 'no'`;
  test.each(attempts.map(([name, set, first]) => ({ name, set, first })))("$name", async ({ set, first }) => {
    if (first) expect(await change(first())).toBe("none");
    const before = await statusOf();
    expect(["23514", "42501"]).toContain(await change(set()));
    expect(await statusOf()).toBe(before);
  });

  test("an approval after the request lapsed", async () => {
    await world.admin`update federation.access_grant set lapses_at = now() where id = ${grant}`;
    expect(await change(approval(admins.b))).toBe("23514");
  });

  test("a grant that begins as anything but a request", async () => {
    for (const more of [
      { status: "approved", approved_by: admins.b },
      { status: "revoked" },
      { status: "requested", approved_by: admins.b },
      { status: "requested", query_limit: 5, query_window_seconds: 5 },
    ]) {
      expect(await failureOf(request({ ...more, resource: "emails" }))).toBe("23514");
    }
  });

  test("an approved request to nobody, and a second open one", async () => {
    expect(await failureOf(request())).toBe("23505");
    expect(await failureOf(request({ target_name: "other spelling" }))).toBe("23505");
    grant = await request({ target: null, target_name: "nobody" });
    expect(["23514", "42501"]).toContain(await change(approval(admins.b)));
  });

  test("to delete or to empty", async () => {
    expect(await failureOf(world.app`delete from federation.access_grant`)).toBe("42501");
    expect(await failureOf(world.app`truncate federation.access_grant`)).toBe("42501");
    expect(await failureOf(world.app`alter table federation.access_grant disable trigger guard`)).toBe(
      "42501",
    );
    expect(await failureOf(world.app`set session_replication_role = replica`)).toBe("42501");
  });
});

test("the owner is held to the same", async () => {
  const owner = await world.provisioner.reserve();
  await owner`set role federation_owner`;
  const attempt = owner.unsafe(
    `update federation.access_grant set ${approval(admins.a)} where id = '${grant}'`,
  );
  expect(await failureOf(attempt)).toBe("42501");
  await owner`reset role`;
  owner.release();
});
