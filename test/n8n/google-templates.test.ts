import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { z } from "zod";
import { answerWith, found, id, token } from "./stub-platform.ts";
import { type TemplatesWorld, templatesWorld } from "./templates-world.ts";

const base64url = (text: string) => Buffer.from(text).toString("base64url");

let world: TemplatesWorld;
beforeAll(async () => {
  world = await templatesWorld();
}, 120_000);
afterAll(() => world.close(), 60_000);

beforeEach(() => {
  world.platform.reset();
  world.platform.answer("POST /oauth/google/token", answerWith(token));
});

test("a department that nobody has connected yet hears needs_consent, and Google is not called", async () => {
  const needsConsent = () => world.platform.problem(409, "needs_consent", "Somebody has to consent first.");
  world.platform.answer("POST /oauth/google/token", needsConsent);
  const { body } = await world.call("calendar", { operation: "list_calendar_events" });
  expect(body).toEqual({ error: { code: "needs_consent", message: "Somebody has to consent first." } });
  expect(world.asked()).toEqual(["POST /oauth/google/token"]);
});

test("the department's key goes to Federation alone, and the access token to Google alone", async () => {
  world.platform.answer("GET /www/drive/v3/files", answerWith({ files: [] }));
  await world.call("google_drive", { operation: "search_drive_files", query: "x" });
  expect(world.platform.seen.map(({ headers }) => headers["authorization"])).toEqual([
    `Bearer ${world.tokens.api}`,
    `Bearer ${token.access_token}`,
  ]);
});

test("an error of Google is answered with its status and words", async () => {
  const error = { code: 403, status: "PERMISSION_DENIED", message: "Insufficient scope" };
  world.platform.answer("GET /www/calendar/v3/calendars/primary/events", () =>
    Response.json({ error }, { status: 403 }),
  );
  const { body } = await world.call("calendar", { operation: "list_calendar_events" });
  expect(body).toEqual({ error: { code: "google_permission_denied", message: "Insufficient scope" } });
});

test("an event is made once, with its guests, and kept in Federation", async () => {
  const event = {
    id: "e1",
    summary: "Review",
    start: { dateTime: "2026-03-01T09:00:00+01:00" },
    end: { dateTime: "2026-03-01T10:00:00+01:00" },
    attendees: [{ email: "a@example.com" }],
  };
  world.platform.answer("POST /www/calendar/v3/calendars/primary/events", answerWith(event));
  world.platform.answer("PUT /events", answerWith({ inserted: 1, updated: 0 }));
  const answer = await world.call("calendar", {
    operation: "create_calendar_event",
    title: "={{ $env }}",
    starts_at: "2026-03-01T09:00:00+01:00",
    ends_at: "2026-03-01T10:00:00+01:00",
    attendees: "a@example.com, b@example.com",
  });
  expect(answer).toMatchObject({ status: 200, body: { result: { id: "e1", kept_in_federation: true } } });
  const [, made, kept, ...more] = world.platform.seen;
  expect(made?.body).toEqual({
    summary: "={{ $env }}",
    start: { dateTime: "2026-03-01T09:00:00+01:00" },
    end: { dateTime: "2026-03-01T10:00:00+01:00" },
    attendees: [{ email: "a@example.com" }, { email: "b@example.com" }],
  });
  expect(kept?.body).toMatchObject({
    items: [{ source: "google_calendar", external_id: "e1", title: "Review" }],
  });
  expect(more).toEqual([]);
});

test("an event that Federation does not keep is still told as made", async () => {
  const at = { dateTime: "2026-03-01T09:00:00Z" };
  world.platform.answer(
    "PATCH /www/calendar/v3/calendars/primary/events/e1",
    answerWith({ id: "e1", start: at, end: at }),
  );
  world.platform.answer("PUT /events", () => world.platform.problem(503, "database_unavailable"));
  const { body } = await world.call("calendar", {
    operation: "update_calendar_event",
    event_id: "e1",
    location: "R1",
  });
  expect(body).toMatchObject({ result: { id: "e1", kept_in_federation: false } });
  expect(world.platform.seen[1]?.body).toEqual({ location: "R1" });
});

test("a search of mails shows the head of each, and of none when there is none", async () => {
  const messages = ["m1", "m2"].map((one) => ({ id: one, threadId: "t" }));
  world.platform.answer("GET /gmail/gmail/v1/users/me/messages", ({ query }) =>
    Response.json(query["q"] === "nothing" ? {} : { messages }),
  );
  for (const one of ["m1", "m2"]) {
    const headers = [{ name: "Subject", value: `about ${one}` }];
    world.platform.answer(
      `GET /gmail/gmail/v1/users/me/messages/${one}`,
      answerWith({ id: one, threadId: "t", snippet: "s", payload: { headers } }),
    );
  }
  const search = (query: string) => world.call("email", { operation: "search_mail", query });
  expect((await search("x")).body).toEqual({
    result: {
      messages: ["m1", "m2"].map((one) => ({
        id: one,
        thread_id: "t",
        subject: `about ${one}`,
        snippet: "s",
      })),
    },
  });
  expect((await search("nothing")).body).toEqual({ result: { messages: [] } });
});

test("a mail leaves as it was said, in any language", async () => {
  world.platform.answer(
    "POST /gmail/gmail/v1/users/me/messages/send",
    answerWith({ id: "s1", threadId: "t1" }),
  );
  const subject = "Grüße aus Zürich 😀 und noch viel mehr Wörter";
  const text = "={{ $env }}\nNaïve – 日本語";
  const answer = await world.call("email", { operation: "send_mail", to: "a@example.com", subject, text });
  expect(answer.body).toEqual({ result: { sent: true, id: "s1", thread_id: "t1" } });
  const { raw } = z.object({ raw: z.string() }).parse(world.platform.lastBody());
  const [head = "", body = ""] = Buffer.from(raw, "base64url").toString("utf8").split("\r\n\r\n");
  const pieces = [...head.matchAll(/=\?UTF-8\?B\?([^?]+)\?=/g)].map(([word, part = ""]) => {
    expect(word.length).toBeLessThanOrEqual(75);
    return Buffer.from(part, "base64").toString("utf8");
  });
  expect(pieces.join("")).toBe(subject);
  expect(head).toStartWith("To: a@example.com\r\nSubject: ");
  expect(Buffer.from(body, "base64").toString("utf8")).toBe(text);
});

const parts = [
  { partId: "0", mimeType: "text/plain", filename: "", body: { data: base64url("see attached") } },
  { partId: "1", mimeType: "text/csv", filename: "a.csv", body: { attachmentId: "csv", size: 7 } },
  { partId: "2", mimeType: "application/pdf", filename: "a.pdf", body: { attachmentId: "pdf", size: 9 } },
  { partId: "3", mimeType: "image/png", filename: "a.png", body: { attachmentId: "png", size: 9 } },
];
const pdf = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 144]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 44>>stream
BT /F1 24 Tf 20 100 Td (Invoice of May) Tj ET
endstream endobj 5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>`;

test.each([
  ["1", "csv", "a,b\n1,2", { text: "a,b\n1,2", extraction: "done" }],
  ["2", "pdf", pdf, { text: "Invoice of May", extraction: "done" }],
  ["2", "pdf", "no PDF", { text: "", extraction: "failed", extraction_error: "The PDF does not read." }],
  ["3", "png", "\u0089PNG", { text: "", extraction: "unsupported" }],
])("attachment %s (%s) becomes a document of the department", async (part, attachment, content, item) => {
  world.platform.answer(
    "GET /gmail/gmail/v1/users/me/messages/m1",
    answerWith({ id: "m1", payload: { mimeType: "multipart/mixed", parts } }),
  );
  world.platform.answer(
    `GET /gmail/gmail/v1/users/me/messages/m1/attachments/${attachment}`,
    answerWith({ data: base64url(content) }),
  );
  world.platform.answer("PUT /documents", answerWith({ inserted: 1, updated: 0 }));
  const call = { operation: "download_mail_attachment", message_id: "m1", part_id: part };
  const answer = await world.call("file_download_email", call);
  expect(answer.body).toMatchObject({ result: { stored: true, text: item.extraction } });
  expect(world.platform.lastBody()).toMatchObject({
    items: [{ source: "gmail", external_id: `m1:${part}`, ...item }],
  });
});

test("mails with attachments are found together with these", async () => {
  world.platform.answer(
    "GET /gmail/gmail/v1/users/me/messages",
    answerWith({ messages: [{ id: "m1", threadId: "t" }] }),
  );
  const payload = { mimeType: "multipart/mixed", headers: [{ name: "Subject", value: "Invoice" }], parts };
  world.platform.answer(
    "GET /gmail/gmail/v1/users/me/messages/m1",
    answerWith({ id: "m1", threadId: "t", payload }),
  );
  const search = { operation: "search_mail_attachments", query: "from:anna" };
  const { body } = await world.call("file_download_email", search);
  const attachments = [
    { part_id: "1", name: "a.csv", mime_type: "text/csv", bytes: 7 },
    { part_id: "2", name: "a.pdf", mime_type: "application/pdf", bytes: 9 },
    { part_id: "3", name: "a.png", mime_type: "image/png", bytes: 9 },
  ];
  expect(body).toEqual({
    result: { messages: [{ message_id: "m1", from: "", subject: "Invoice", date: "", attachments }] },
  });
  expect(world.platform.seen[1]?.query["q"]).toBe("from:anna has:attachment");
  const list = { operation: "list_mail_attachments", message_id: "m1" };
  expect((await world.call("file_download_email", list)).body).toEqual({ result: { attachments } });
});

test("a file of Drive is read as text, and a picture is refused", async () => {
  const google = "application/vnd.google-apps.document";
  world.platform.answer(
    "GET /www/drive/v3/files/doc",
    answerWith({ id: "doc", name: "D", mimeType: google }),
  );
  world.platform.answer("GET /www/drive/v3/files/doc/export", () => new Response("x".repeat(50_001)));
  world.platform.answer(
    "GET /www/drive/v3/files/png",
    answerWith({ id: "png", name: "P", mimeType: "image/png", size: "5" }),
  );
  const read = (file_id: string) => world.call("google_drive", { operation: "read_drive_file", file_id });
  expect((await read("doc")).body).toMatchObject({ result: { text: "x".repeat(50_000), truncated: true } });
  expect(await read("png")).toMatchObject({ status: 422, body: { error: { code: "unsupported_type" } } });
});

test("quotes in a search do not end the query of Drive", async () => {
  world.platform.answer("GET /www/drive/v3/files", answerWith({ files: [] }));
  await world.call("google_drive", {
    operation: "search_drive_files",
    query: "it's \\' or trashed = true",
  });
  expect(world.platform.seen.at(-1)?.query["q"]).toStartWith(
    "(name contains 'it\\'s \\\\\\' or trashed = true' or",
  );
});

test("people are found in Federation alone where Google is not connected", async () => {
  world.platform.answer("POST /cross-dept/query", found({ id, name: "Anna" }));
  world.platform.answer("POST /oauth/google/token", () => world.platform.problem(409, "needs_consent"));
  const { body } = await world.call("contacts", { operation: "search_people", query: "anna" });
  expect(body).toEqual({
    result: { ours: [{ id, name: "Anna" }], google: [], google_status: "needs_consent" },
  });
});
