import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Department, isolationWorld, type World } from "../../isolation/world.ts";

let world: World;
let department: Department;

interface Answer {
  results: Record<string, unknown>[];
  truncated: boolean;
}

beforeAll(async () => {
  world = await isolationWorld();
  department = await world.addDepartment();
  await world.admin.unsafe(`set search_path = ${department.schemaName}, pg_catalog;
    insert into document (id, source, external_id, folder, name, mime_type, bytes, text)
      select gen_random_uuid(), 's', n::text, case when n % 2 = 0 then 'even' else 'odd' end, 'Bericht ' || n, 'text/plain', 10,
        'Der Haushalt für die Reise ' || repeat('budget ', n) || repeat('lorem ', 5000) from generate_series(1, 60) n;
    insert into document (id, source, external_id, name, text)
      values ('00000000-0000-7000-8000-000000000001', 's', 'named', 'Budget', repeat('ä', 60000));
    insert into contact (id, source, external_id, name, email, phone, organisation)
      values ('00000000-0000-7000-8000-000000000002', 's', '1', 'Jürgen Groß', 'JG@example.org', '+49 1', 'Werk');
    insert into email (id, source, external_id, sender, subject, text, sent_at)
      select gen_random_uuid(), 's', n::text, 'x@example.org', 'Betreff ' || n, 'Die Rechnung', '2026-01-01Z'::timestamptz + n * interval '1 day'
      from generate_series(1, 5) n;
    insert into calendar_event (id, source, external_id, title, starts_at, ends_at)
      select gen_random_uuid(), 's', n::text, 'Termin ' || n, '2026-01-01Z'::timestamptz + (n / 2) * interval '1 day', '2026-02-01Z'
      from generate_series(0, 5) n;
    insert into session (id, room, participant, started_at) values (gen_random_uuid(), 'r', 'p', '2026-01-02T12:00Z');
    reset search_path`);
});
afterAll(() => world.close());

async function query(kind: string, params: object): Promise<Answer> {
  const [row] = await world.admin.unsafe<[{ answer: Answer }]>(
    `select ${department.schemaName}.${kind}($1::text::jsonb) as answer`,
    [JSON.stringify(params)],
  );
  return row.answer;
}

test("documents come best first, a page at a time, never more than 50, and say when there are more", async () => {
  const first = await query("search_documents", { query: "budget", limit: 3 });
  expect(first.results[0]).toMatchObject({ name: "Budget" });
  expect(first.truncated).toBe(true);
  const ranks = first.results.map(({ rank }) => Number(rank));
  expect(ranks).toEqual(ranks.toSorted((x, y) => y - x));
  expect((await query("search_documents", { query: "budget", limit: 5000 })).results).toHaveLength(50);
  const last = await query("search_documents", { query: "budget", limit: 50, offset: 50 });
  expect([last.results.length, last.truncated]).toEqual([11, false]);
  const pages = await Promise.all(
    [0, 50].map((offset) => query("search_documents", { query: "budget", limit: 50, offset })),
  );
  expect(new Set(pages.flatMap(({ results }) => results.map(({ id }) => id))).size).toBe(61);
  expect(
    (await query("search_documents", { query: "budget", folder: "even", limit: 50 })).results,
  ).toHaveLength(30);
});

test("a snippet is short and shows the words found", async () => {
  const { results } = await query("search_documents", { query: "Reise", limit: 50 });
  for (const { snippet } of results) {
    expect(String(snippet).length).toBeLessThanOrEqual(600);
    expect(snippet).toContain("Reise");
  }
});

test("a long text comes in parts", async () => {
  const id = "00000000-0000-7000-8000-000000000001";
  const first = await query("get_document", { id });
  expect([String(first.results[0]?.["text"]).length, first.truncated]).toEqual([50000, true]);
  const rest = await query("get_document", { id, text_offset: 50000 });
  expect([String(rest.results[0]?.["text"]).length, rest.truncated]).toEqual([10000, false]);
  expect(await query("get_document", { id: Bun.randomUUIDv7() })).toEqual({ results: [], truncated: false });
});

test("a contact search shows what is needed to choose, the contact itself everything", async () => {
  const found = await query("search_contacts", { query: "groß" });
  expect(found.results).toEqual([
    {
      id: "00000000-0000-7000-8000-000000000002",
      name: "Jürgen Groß",
      email: "JG@example.org",
      organisation: "Werk",
      title: null,
    },
  ]);
  expect(await query("search_contacts", { email: "jg@EXAMPLE.org" })).toEqual(found);
  expect((await query("get_contact", { id: found.results[0]?.["id"] })).results[0]).toMatchObject({
    phone: "+49 1",
  });
});

test("emails are found within their time", async () => {
  const params = { query: "rechnung", from: "2026-01-03T00:00:00Z", until: "2026-01-05T00:00:00Z" };
  const { results } = await query("search_emails", params);
  expect(results.map(({ subject }) => subject)).toEqual(["Betreff 3", "Betreff 2"]);
});

test("events are walked through in order without losing or repeating one", async () => {
  const seen: unknown[] = [];
  let position: object = { from: "2025-12-31T00:00:00Z" };
  for (let more = true; more;) {
    const { results, truncated } = await query("list_events", { ...position, limit: 2 });
    seen.push(...results.map(({ id }) => id));
    const last = results.at(-1);
    position = { from: last?.["starts_at"], after_id: last?.["id"] };
    more = truncated;
  }
  expect([seen.length, new Set(seen).size]).toEqual([6, 6]);
});

test("documents are counted by folder, activity by day", async () => {
  const folders = await query("aggregate_documents", { group_by: "folder" });
  expect(folders.results.map(({ key, documents }) => [key, documents])).toEqual([
    ["even", 30],
    ["odd", 30],
    ["", 1],
  ]);
  const days = await query("aggregate_activity", {
    from: "2026-01-02T00:00:00Z",
    until: "2026-01-03T00:00:00Z",
  });
  expect(days).toEqual({
    results: [
      { start: "2026-01-02T00:00:00+00:00", sessions: 1, messages: 0, tool_calls: 0, emails: 1, events: 2 },
    ],
    truncated: false,
  });
});

test("a text of many different words is stored and found, though its index would be too large", async () => {
  const text = Array.from({ length: 400_000 }, (_, index) => `w${index}`).join(" ");
  await world.addDocument(department, "huge", text);
  expect((await query("search_documents", { query: "w42" })).results).toHaveLength(1);
  const wide = Array.from({ length: 300_000 }, (_, index) =>
    String.fromCodePoint(0x20000 + (index % 40000), 0x20000 + Math.floor(index / 8)),
  );
  await world.addDocument(department, "wide", wide.join(" "));
});
