import { describe, expect, test } from "bun:test";
import { runInNewContext } from "node:vm";
import { z } from "zod";
import { toolNames } from "../../src/config-schema/department.ts";
import { renderWorkflow } from "../../src/workflows/render-workflow.ts";

const ctx = {
  environment: "development",
  department: { id: "01890a5d-ac96-774b-bcce-b302099a8057", slug: "hr", name: "HR", suffix: "abcdefghijkl" },
  federationUrl: "https://federation.example.com",
  pathPrefix: "prefix",
  credentials: { api: { id: "a", name: "a" }, hook: { id: "h", name: "h" }, mcp: { id: "m", name: "m" } },
  enabledTools: [...toolNames],
};
const items = z.tuple([z.object({ json: z.record(z.string(), z.json()) })]);

/** Runs the code of a node as it is sent to n8n, on an item and with the items of earlier nodes. */
function run(key: string, node: string, input: object, earlier: Record<string, object> = {}) {
  const code = renderWorkflow(key, ctx, {}).definition.nodes.find(({ name }) => name === node)?.parameters[
    "jsCode"
  ];
  const first = (json: object | undefined) => ({ first: () => ({ json }) });
  const scope = { $input: first(input), $: (name: string) => first(earlier[name]), Buffer };
  return items.parse(JSON.parse(JSON.stringify(runInNewContext(`(() => { ${String(code)} })()`, scope))))[0]
    .json;
}

describe("arguments", () => {
  const checked = (args: object) => run("calendar", "Check", args);

  test("those of another workflow and those of a webhook are the same", () => {
    const args = { operation: "list_calendar_events", query: "x" };
    const wanted = { operation: "list_calendar_events", args: { query: "x", limit: 10 } };
    expect(checked(args)).toEqual(wanted);
    expect(checked({ webhookUrl: "https://example.com", body: args })).toEqual(wanted);
  });

  test("what is not given, null and an empty text are the same: the default, or nothing", () => {
    const args = { operation: "list_calendar_events", query: "", from: null, limit: null };
    expect(checked(args)).toEqual({ operation: "list_calendar_events", args: { limit: 10 } });
  });

  test("an unknown one is refused on a webhook, where somebody wrote it, and left out of a call", () => {
    const args = { operation: "list_calendar_events", query: "x", colour: "red" };
    expect(checked({ webhookUrl: "https://example.com", body: args })).toHaveProperty("refused");
    expect(checked(args)).toMatchObject({ args: { query: "x", limit: 10 } });
  });

  test.each(["2026-03-01T09:00:00Z", "2026-03-01T09:00+01:00"])("%s is a moment", (from) => {
    expect(checked({ operation: "list_calendar_events", from })).toMatchObject({ args: { from } });
  });

  test.each([
    "2026-03-01",
    "2026-03-01T09:00:00",
    "2026-13-01T09:00:00Z",
    "2026-03-01T25:00:00Z",
    " 2026-03-01T09:00Z",
  ])("%s is no moment with an offset", (from) => {
    expect(checked({ operation: "list_calendar_events", from })).toHaveProperty(
      "refused.code",
      "invalid_arguments",
    );
  });

  test.each([
    ["text"],
    [null],
    [[]],
    [{ operation: "__proto__" }],
    [{ operation: ["list_calendar_events"] }],
  ])("a body %j is refused", (body) => {
    expect(checked({ webhookUrl: "https://example.com", body })).toHaveProperty(
      "refused.code",
      "invalid_arguments",
    );
  });
});

describe("mails", () => {
  const mail = (payload: object) =>
    run("email", "Text of the message", { statusCode: 200, body: { id: "m", threadId: "t", payload } });
  const data = (text: string) => ({ data: Buffer.from(text).toString("base64url") });

  test("the plain text counts, wherever it is; an attached text is not the mail's", () => {
    const read = mail({
      mimeType: "multipart/mixed",
      parts: [
        { mimeType: "text/plain", filename: "notes.txt", body: data("attached") },
        {
          mimeType: "multipart/alternative",
          parts: [
            { mimeType: "text/html", body: data("<p>HTML</p>") },
            { mimeType: "text/plain", body: data("plain") },
          ],
        },
      ],
    });
    expect(read).toMatchObject({ result: { text: "plain", attachments: ["notes.txt"], truncated: false } });
  });

  test("HTML alone is read without its tags, styles and scripts", () => {
    const html =
      "<style>p{}</style><p>Dear&nbsp;Anna &amp; Bob,</p><script>alert(1)</script><div>5 &lt; 6</div>";
    expect(mail({ mimeType: "text/html", body: data(html) })).toHaveProperty(
      "result.text",
      "Dear Anna & Bob,\n 5 < 6",
    );
  });

  test("a long text is cut and says so", () => {
    const read = mail({ mimeType: "text/plain", body: data("x".repeat(50_001)) });
    expect(read).toMatchObject({ result: { text: "x".repeat(50_000), truncated: true } });
  });

  test("an answer that is no success is passed on as it is", () => {
    const answer = { statusCode: 404, body: { error: { code: 404 } } };
    expect(run("email", "Text of the message", answer)).toEqual(answer);
  });
});

describe("summaries", () => {
  const session_id = ctx.department.id;
  const summarised = (transcript: unknown) =>
    run("session-summary", "Summarise", {}, { Check: { args: { session_id, transcript } } });

  test("hold sentences that were said, the telling ones, in the order they were said", () => {
    const telling = [
      "The budget meeting with Anna needs another budget.",
      "Anna moves the budget meeting to Friday.",
    ];
    const chatter = Array.from(
      { length: 12 },
      (_, index) => `Well number${index} whatever${index} something${index}.`,
    );
    const { summary } = summarised([...chatter.slice(0, 6), telling[0], ...chatter.slice(6), telling[1]]);
    const lines = String(summary).split("\n");
    expect(lines).toHaveLength(6);
    expect(lines.filter((line) => telling.includes(line))).toEqual(telling);
  });

  test.each([[""], [[]], [{}], [[{ role: "user", text: "Yes." }]], [[null, 5, { role: "user" }]]])(
    "of %j there is none",
    (transcript) => {
      expect(summarised(transcript)).toHaveProperty("refused.code", "nothing_to_summarise");
    },
  );
});

describe("questions", () => {
  const loosened = (query: string) =>
    run("vector_store", "Loosen", {}, { Check: { args: { query, limit: 5 } } });

  test("become their telling words, any of which may occur", () => {
    expect(loosened("How many days of vacation (or leave) do I get?")).toEqual({
      query: "many or days or vacation or leave",
      limit: 5,
    });
    expect(loosened('"-a b"')).toEqual({ query: "a or b", limit: 5 });
    expect(loosened("?!")).toHaveProperty("refused.code", "invalid_arguments");
  });

  test("stay within what Federation takes", () => {
    const { query } = loosened(Array.from({ length: 80 }, (_, index) => `word${index}`).join(" "));
    expect(String(query).split(" ").length).toBeLessThanOrEqual(50);
    expect(String(query).length).toBeLessThanOrEqual(500);
  });
});
