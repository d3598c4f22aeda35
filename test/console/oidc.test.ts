import { afterAll, beforeAll, expect, test } from "bun:test";
import { type FakeGoogle, startFakeGoogle } from "../fakes/google/start-fake-google.ts";
import { type Edge, testEdge } from "../http/edge.ts";
import { cookieOf } from "./browser.ts";

let google: FakeGoogle;
let edge: Edge;
beforeAll(async () => {
  google = await startFakeGoogle();
  const { clientId, clientSecret } = google.addClient();
  const client = google.store.clients.get(clientId);
  client?.redirectUris.push("http://federation.test/sign-in/oidc/callback");
  edge = await testEdge({
    environment: { OIDC_ISSUER: google.issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret },
  });
});
afterAll(async () => {
  await edge.close();
  await google.close();
});

/** To the issuer and back with a code, as a browser goes. */
async function wayOut(next = "/runs") {
  const start = await edge.app.request(`/sign-in/oidc?next=${encodeURIComponent(next)}`);
  const back = await fetch(start.headers.get("location") ?? "", { redirect: "manual" });
  const { pathname, search } = new URL(back.headers.get("location") ?? "");
  return { cookie: cookieOf(start), lines: start.headers.getSetCookie(), path: pathname + search };
}
const wayBack = ({ path, cookie }: { path: string; cookie: string }) =>
  edge.app.request(path, { headers: { cookie } });
const become = (subject: string, email: string) => (google.person.account = { subject, email });

test("a member is known by the verified address once, then by the subject, whatever the address says", async () => {
  become("s1", "First@example.org");
  const reply = await wayBack(await wayOut());
  expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining("0;url=/runs")]);
  const session = cookieOf(reply);
  expect((await edge.app.request("/", { headers: { cookie: session } })).status).toBe(200);
  become("s1", "other@example.org");
  expect((await wayBack(await wayOut())).status).toBe(200);
  become("s2", "first@example.org");
  expect((await wayBack(await wayOut())).status).toBe(403);
  const bound = await edge.sql`select oidc_subject from federation.member where oidc_subject is not null`;
  expect([...bound]).toEqual([{ oidc_subject: "s1" }]);
});

test("who is no member, or no longer one, is refused, on record", async () => {
  become("s3", "nobody@example.org");
  const reply = await wayBack(await wayOut());
  expect([reply.status, cookieOf(reply)]).toEqual([403, ""]);
  const { id } = await edge.addMember("operator", []);
  become("s4", `${id}@example.org`);
  expect((await wayBack(await wayOut())).status).toBe(200);
  await edge.sql`update federation.member set disabled_at = now() where id = ${id}`;
  expect((await wayBack(await wayOut())).status).toBe(403);
  const denied =
    await edge.sql`select from audit.event where action = 'console.sign_in' and decision = 'denied'`;
  expect(denied.length).toBeGreaterThan(1);
});

test("an answer counts only in the browser that asked, once, and as it was asked", async () => {
  become("s1", "first@example.org");
  const [mine, other] = [await wayOut(), await wayOut()];
  const attempts = [
    { ...mine, cookie: "" },
    { ...mine, cookie: other.cookie },
    { ...mine, path: mine.path.replace(/state=[^&]+/, "state=x") },
    { ...mine, path: mine.path.replace(/code=[^&]+/, "code=x") },
  ];
  for (const attempt of attempts) {
    const reply = await wayBack(attempt);
    expect([reply.status, cookieOf(reply)]).toEqual([403, ""]);
  }
  expect((await wayBack(other)).status).toBe(200);
  expect((await wayBack(other)).status).toBe(403);
});

test("the cookie of the way out is Lax and no script's, and holds no answer that the issuer sees", async () => {
  const { lines, path } = await wayOut();
  expect(lines[0]).toMatch(
    /^federation_sign_in=[\w-]{43}\.[\w-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  const state = new URL(path, "http://x").searchParams.get("state") ?? "nothing";
  expect(lines[0]).not.toContain(state);
});
