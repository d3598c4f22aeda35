import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import postgres from "postgres";
import { appendAudit, type AuditEvent, PLATFORM_STREAM } from "../../src/audit/append.ts";
import { type AuditRow, verifyChain } from "../helpers/verify-chain.ts";
import { type Sql, withTx } from "../../src/db/tx.ts";
import { testDatabase } from "../helpers/postgres.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
let app: Sql;
const opened: Sql[] = [];

beforeAll(async () => {
  database = await testDatabase();
  app = open("federation_app", 8);
});

afterAll(async () => {
  await Promise.all(opened.map((sql) => sql.end({ timeout: 2 })));
  await database.close();
});

function open(role: string, max = 1): Sql {
  const sql = postgres(database.adminUrl, { max, onnotice: () => {}, connection: { role } });
  opened.push(sql);
  return sql;
}

async function newStream(): Promise<string> {
  const stream = Bun.randomUUIDv7();
  await app`select audit.open_stream(${stream})`;
  return stream;
}

const event = (stream: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  stream,
  actor: "member-1",
  actorKind: "member",
  action: "department.provision",
  decision: "done",
  ...more,
});

const rowsOf = (stream: string) =>
  app<AuditRow[]>`select * from audit.event where stream = ${stream} order by seq`;
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "no error",
    (error: { code?: string }) => error.code,
  );
const append = (...events: AuditEvent[]) => withTx(app, (tx) => appendAudit(tx, events));

test("what is appended is stored as given and the chain verifies up to the head", async () => {
  const stream = await newStream();
  const requestId = Bun.randomUUIDv7();
  await append(event(stream, { target: "t", reason: "wörd", requestId, meta: { a: 1, b: null } }));
  await append(event(stream), event(stream, { decision: "denied", actorKind: "client" }));
  const rows = await rowsOf(stream);
  expect(rows.map(({ seq }) => seq)).toEqual(["1", "2", "3"]);
  expect(rows[0]).toMatchObject({
    target: "t",
    reason: "wörd",
    request_id: requestId,
    meta: '{"a":1,"b":null}',
    department: stream,
  });
  const [head] = await app<{ hash: Uint8Array }[]>`select hash from audit.head where stream = ${stream}`;
  expect(verifyChain(rows)).toEqual({ ok: true, head: Buffer.from(head?.hash ?? []).toString("hex") });
});

test("any change of any field of any row is found at that row", async () => {
  const stream = await newStream();
  for (let index = 0; index < 6; index++) {
    await append(
      event(stream, { target: `t${index}`, reason: "r", requestId: Bun.randomUUIDv7(), meta: { index } }),
    );
  }
  const rows = [...(await rowsOf(stream))];
  const other = Bun.randomUUIDv7();
  const mutations: Record<string, (row: AuditRow) => Partial<AuditRow>> = {
    stream: () => ({ stream: other }),
    seq: (row) => ({ seq: `${BigInt(row.seq) + 7n}` }),
    at_us: (row) => ({ at_us: `${BigInt(row.at_us) + 1n}` }),
    actor: (row) => ({ actor: row.actor + "x" }),
    actor_kind: () => ({ actor_kind: "system" }),
    action: () => ({ action: "department.deprovision" }),
    target: () => ({ target: null }),
    moved: (row) => ({ target: null, reason: row.target }),
    department: () => ({ department: other }),
    decision: () => ({ decision: "failed" }),
    reason: () => ({ reason: "" }),
    request_id: () => ({ request_id: null }),
    meta: (row) => ({ meta: row.meta + " " }),
    subject_commit: () => ({ subject_commit: new Uint8Array(0) }),
    prev: () => ({ prev: new Uint8Array(32) }),
    hash: () => ({ hash: new Uint8Array(32) }),
  };
  const property = fc.property(
    fc.nat(rows.length - 1),
    fc.constantFrom(...Object.keys(mutations)),
    (at, name) => {
      const row = rows[at];
      const mutate = mutations[name];
      if (!row || !mutate) throw new Error("unreachable");
      const result = verifyChain(rows.with(at, { ...row, ...mutate(row) }));
      // The first row says which stream it is, so another stream there shows at its hash as well.
      expect(result).toEqual({ ok: false, firstBad: `${at + 1}` });
    },
  );
  fc.assert(property, { numRuns: 2_000 });
  expect(verifyChain(rows.toSpliced(3, 1))).toEqual({ ok: false, firstBad: "4" });
  expect(verifyChain(rows.toSpliced(1, 2, ...rows.slice(1, 3).toReversed()))).toEqual({
    ok: false,
    firstBad: "2",
  });
  const [head] = await app<{ hash: Uint8Array }[]>`select hash from audit.head where stream = ${stream}`;
  expect(verifyChain(rows.slice(0, -1))).not.toEqual({
    ok: true,
    head: Buffer.from(head?.hash ?? []).toString("hex"),
  });
});

test("after retention the chain goes on from the anchor it left", async () => {
  const stream = await newStream();
  for (let index = 0; index < 4; index++) await append(event(stream));
  const rows = await rowsOf(stream);
  const anchor = { seq: 2n, hash: rows[1]?.hash ?? new Uint8Array(0) };
  expect(verifyChain(rows.slice(2), anchor).ok).toBe(true);
  expect(verifyChain(rows.slice(3), anchor)).toEqual({ ok: false, firstBad: "3" });
});

test("opposite orders of the same streams at once neither deadlock nor break a chain", async () => {
  const [first, second] = [await newStream(), await newStream()];
  const calls = Array.from({ length: 100 }, (_, index) =>
    index % 2
      ? append(event(first), event(second))
      : append(event(second), event(first), event(PLATFORM_STREAM)),
  );
  await Promise.all(calls);
  for (const stream of [first, second]) {
    const rows = await rowsOf(stream);
    expect(rows).toHaveLength(100);
    expect(verifyChain(rows).ok).toBe(true);
  }
  expect(verifyChain(await rowsOf(PLATFORM_STREAM)).ok).toBe(true);
});

test("the events of one call keep their order within a stream", async () => {
  const stream = await newStream();
  const targets = Array.from({ length: 30 }, (_, index) => `${index}`);
  await append(...targets.map((target) => event(stream, { target })));
  expect((await rowsOf(stream)).map(({ target }) => target)).toEqual(targets);
});

test("an effect and its record are both there or neither is", async () => {
  const stream = await newStream();
  const failed = withTx(app, async (tx) => {
    await appendAudit(tx, [event(stream)]);
    throw new Error("effect failed");
  });
  await failed.catch(() => {});
  expect(await rowsOf(stream)).toHaveLength(0);
});

test.each<[string, Partial<AuditEvent>]>([
  ["an unknown stream", { stream: "01900000-0000-7000-8000-000000000000" }],
  ["an action without a subject", { action: "provision" }],
  ["a request id that is no uuid", { requestId: "mine" }],
])("%s cannot be recorded, so the transaction fails with audit_unavailable", async (_, more) => {
  const effect = Bun.randomUUIDv7();
  const failed = withTx(app, async (tx) => {
    await tx`select audit.open_stream(${effect})`;
    await appendAudit(tx, [event(PLATFORM_STREAM), event(PLATFORM_STREAM, more)]);
  });
  expect(await failed.catch((error: unknown) => error)).toMatchObject({
    code: "audit_unavailable",
    status: 503,
    retryable: true,
  });
  expect(await app`select from audit.head where stream = ${effect}`).toHaveLength(0);
});

test("without a partition for the time nothing is recorded and nothing happens", async () => {
  const stream = await newStream();
  const owner = open("federation_owner");
  const partitions = await owner<{ name: string; bounds: string }[]>`
    select inhrelid::regclass::text as name, pg_get_expr(relpartbound, oid) as bounds
    from pg_inherits join pg_class on oid = inhrelid where inhparent = 'audit.event'::regclass`;
  expect(partitions).toHaveLength(4);
  for (const { name } of partitions) await owner.unsafe(`alter table audit.event detach partition ${name}`);
  expect(await codeOf(append(event(stream)))).toBe("audit_unavailable");
  for (const { name, bounds } of partitions) {
    await owner.unsafe(`alter table audit.event attach partition ${name} ${bounds}`);
  }
  await append(event(stream));
  expect(await rowsOf(stream)).toHaveLength(1);
});

test("partitions are made ahead once, also by two callers at once", async () => {
  const make = async () =>
    (await app<{ made: number }[]>`select audit.ensure_partitions(8) as made`)[0]?.made ?? 0;
  const made = await Promise.all([make(), make(), make()]);
  expect(made.reduce((sum, n) => sum + n)).toBe(5);
});

test("not even the owner changes, removes or truncates an event, in the table or in a partition", async () => {
  await append(event(await newStream()));
  const owner = open("federation_owner");
  const partitions = await owner<{ name: string }[]>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit.event'::regclass order by 1`;
  for (const table of ["audit.event", ...partitions.map(({ name }) => name)]) {
    expect(await codeOf(owner.unsafe(`truncate ${table}`).execute())).toBe("42501");
  }
  for (const table of ["audit.event", partitions[0]?.name]) {
    expect(await codeOf(owner.unsafe(`update ${table} set actor = 'x'`).execute())).toBe("42501");
    expect(await codeOf(owner.unsafe(`delete from ${table}`).execute())).toBe("42501");
  }
});

test.each(["federation_app", "federation_gateway", "federation_reader", "federation_provisioner"])(
  "%s writes the audit by its function only and reads no partition",
  async (role) => {
    const sql = open(role);
    const [partition] = await app<{ name: string }[]>`
      select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit.event'::regclass limit 1`;
    const refused = [
      "insert into audit.event (stream) values (gen_random_uuid())",
      "update audit.event set actor = 'x'",
      "delete from audit.event",
      "truncate audit.event",
      "update audit.head set seq = 0",
      "insert into audit.head (stream) values (gen_random_uuid())",
      "delete from audit.checkpoint",
      `select from ${partition?.name}`,
      `insert into ${partition?.name} (stream) values (gen_random_uuid())`,
      `drop table ${partition?.name}`,
    ];
    for (const statement of refused)
      expect([statement, await codeOf(sql.unsafe(statement).execute())]).toEqual([statement, "42501"]);
  },
);
