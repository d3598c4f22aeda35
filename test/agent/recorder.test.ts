import { afterEach, beforeEach, expect, test } from "bun:test";
import { createRecorder, type RecorderOptions } from "../../templates/agent/conversation/create-recorder.ts";
import type { MessageRecord, SessionRecord } from "../../templates/agent/conversation/records.ts";
import { Problem } from "../../templates/agent/problem.ts";
import type { PlatformRequest } from "../../templates/agent/platform.ts";

type Items = Record<string, unknown>[];

let sent: { kind: string; items: Items }[];
let answer: (kind: string, items: Items) => void;
let log: string[];

beforeEach(() => {
  sent = [];
  log = [];
  answer = () => {};
});
afterEach(() => expect(log.join()).not.toContain("canary"));

const recorder = (options: Partial<RecorderOptions> = {}) =>
  createRecorder({
    departmentId: "d1",
    platform: {
      token: async () => ({ accessToken: "", scope: "" }),
      call: async ({ method, path, body }: PlatformRequest) => {
        const kind = path.replace("/departments/d1/", "");
        const items = (body?.["items"] ?? []) as Items;
        answer(kind, items);
        expect(method).toBe("PUT");
        sent.push({ kind, items });
      },
    },
    log: (...line) => log.push(JSON.stringify(line)),
    backoffSeconds: 0.001,
    ...options,
  });

const session = (rest: Partial<SessionRecord> = {}): SessionRecord => ({
  id: "s1",
  room: "room",
  participant: "ada",
  channel: "voice",
  started_at: "2026-01-01T00:00:00Z",
  ...rest,
});

const message = (id: string): MessageRecord => ({
  id,
  session_id: "s1",
  role: "user",
  text: `canary ${id}`,
  created_at: "2026-01-01T00:00:00Z",
});

const unavailable = () => {
  throw new Problem(503, "platform_unavailable", "The platform answered 503.");
};

test("records go in batches, a session before what belongs to it", async () => {
  const records = recorder({ batchMax: 2 });
  for (const id of ["m1", "m2", "m3"]) records.message(message(id));
  records.session(session());
  await records.flush(5);
  expect(sent.map(({ kind, items }) => [kind, items.map(({ id }) => id)])).toEqual([
    ["sessions", ["s1"]],
    ["messages", ["m1", "m2"]],
    ["messages", ["m3"]],
  ]);
});

test("nobody has to flush: what waits is sent by itself", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  answer = () => resolve();
  recorder({ gatherSeconds: 0.01 }).session(session());
  await promise;
});

test("a platform that is away is tried again, and nothing is lost or sent twice", async () => {
  let failures = 3;
  answer = () => {
    if (failures-- > 0) unavailable();
  };
  const records = recorder();
  records.session(session());
  records.message(message("m1"));
  await records.flush(5);
  expect(sent.map(({ kind }) => kind)).toEqual(["sessions", "messages"]);
});

test("a platform that stays away costs at most the time that was given", async () => {
  answer = unavailable;
  const records = recorder();
  records.session(session());
  await records.flush(0.05);
  expect(log.join()).toContain("no_time_left");
});

test("a newer state that comes while the older one is being sent is sent too", async () => {
  const records = recorder();
  let first = true;
  answer = () => {
    if (first) records.session(session({ end_reason: "left" }));
    first = false;
  };
  records.session(session());
  await records.flush(5);
  expect(sent.map(({ items }) => items[0]?.["end_reason"])).toEqual([undefined, "left"]);
});

test("one record that the platform never takes does not hold up the others", async () => {
  answer = (_, items) => {
    if (items.some(({ id }) => id === "m2")) throw new Problem(422, "invalid_body", "no");
  };
  const records = recorder();
  for (const id of ["m1", "m2", "m3"]) records.message(message(id));
  await records.flush(5);
  expect(sent.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(["m1", "m3"]);
  expect(log.join()).toContain("record lost");
});

test("no more waits than allowed: the oldest are lost, and said to be", async () => {
  const records = recorder({ waitingMax: 3 });
  for (let at = 0; at < 10; at++) records.message(message(`m${at}`));
  await records.flush(5);
  expect(sent.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(["m7", "m8", "m9"]);
  expect(log.filter((line) => line.includes("too_many_waiting")).length).toBe(7);
});
