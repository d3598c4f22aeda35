import { beforeEach, expect, test } from "bun:test";
import { type Confirmations, createConfirmations } from "../../templates/agent/conversation/confirmations.ts";
import { isRead } from "../../templates/agent/conversation/is-read.ts";

let nowMs: number;
let confirmations: Confirmations;

beforeEach(() => {
  nowMs = 0;
  confirmations = createConfirmations({ nowMs: () => nowMs, openMax: 3 });
});

const propose = (args = {}) => confirmations.propose("create_event", args).id;

test("a proposal is refused until the user has had a turn, and stays open meanwhile", () => {
  confirmations.userTurn();
  const id = propose({ title: "Party" });
  expect(confirmations.confirm(id)).toMatchObject({ ok: false });
  expect(confirmations.confirm(id)).toMatchObject({ ok: false });
  confirmations.userTurn();
  expect(confirmations.confirm(id)).toEqual({
    ok: true,
    proposal: { id, tool: "create_event", args: { title: "Party" } },
  });
});

test("a confirmation counts once", () => {
  const id = propose();
  confirmations.userTurn();
  expect(confirmations.confirm(id).ok).toBe(true);
  confirmations.userTurn();
  expect(confirmations.confirm(id)).toMatchObject({ ok: false, why: expect.stringContaining("only once") });
});

test("a proposal ends after five minutes", () => {
  const [early, late] = [propose(), propose()];
  confirmations.userTurn();
  nowMs = 299_999;
  expect(confirmations.confirm(early).ok).toBe(true);
  nowMs = 300_000;
  expect(confirmations.confirm(late)).toMatchObject({ ok: false, why: expect.stringContaining("expired") });
});

test("only ids that were given count, and no two are alike", () => {
  const ids = [propose(), propose()];
  confirmations.userTurn();
  expect(new Set(ids).size).toBe(2);
  for (const id of ["", "1", "create_event", Bun.randomUUIDv7()]) {
    expect(confirmations.confirm(id).ok).toBe(false);
  }
});

test("there are never more open proposals than allowed: the oldest gives way", () => {
  const [first, ...rest] = [propose(), propose(), propose(), propose()];
  confirmations.userTurn();
  expect(confirmations.confirm(first).ok).toBe(false);
  expect(rest.map((id) => confirmations.confirm(id).ok)).toEqual([true, true, true]);
});

test("what was left open is handed out once, at the end", () => {
  const [confirmed, left] = [propose(), propose()];
  confirmations.userTurn();
  confirmations.confirm(confirmed);
  expect(confirmations.takeOpen().map(({ id }) => id)).toEqual([left]);
  expect(confirmations.takeOpen()).toEqual([]);
});

test("a tool is a read by the beginning of its name only; everything else needs confirmation", () => {
  const reads = ["search_documents", "get_contact", "list_events", "read_mail", "download_file", "recall"];
  for (const name of [...reads, "aggregate", "Search_Mail"]) expect(isRead(name)).toBe(true);
  const writes = [
    "remember",
    "put_context",
    "create_event",
    "send_get_well",
    "getaway",
    "reset",
    "mail_search_",
  ];
  for (const name of [...writes, ""]) expect(isRead(name)).toBe(false);
});
