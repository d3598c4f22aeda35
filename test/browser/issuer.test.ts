// The ways to an issuer and back: with real cookies, a real Origin and real redirects.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { withTx } from "../../src/db/tx.ts";
import { type FakeGoogle, startFakeGoogle } from "../fakes/google/start-fake-google.ts";
import { expectAccessible, launchBrowser, openVisitor, type Visitor } from "./browser.ts";
import { consoleWorld, signIn, type World } from "./world.ts";

let browser: Browser;
let google: FakeGoogle;
let world: World;
beforeAll(async () => {
  [browser, google] = await Promise.all([launchBrowser(), startFakeGoogle()]);
  const { clientId, clientSecret } = google.addClient();
  const environment = {
    OIDC_ISSUER: google.issuer,
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: clientSecret,
  };
  world = await consoleWorld({ issuer: google.issuer, environment });
  google.store.clients.get(clientId)?.redirectUris.push(`${world.origin}/sign-in/oidc/callback`);
}, 60_000);
afterAll(async () => {
  await Promise.all([browser.close(), world.close()]);
  await google.close();
});

/** The issuer is another origin, and the only one. */
async function leave({ page, complaints }: Visitor): Promise<void> {
  const found = (await complaints()).filter((text) => !text.startsWith(`request to ${google.issuer}`));
  await page.context().close();
  expect(found).toEqual([]);
}

test("a member signs in at the issuer and comes to the page they asked for", async () => {
  google.person.account = { subject: "s1", email: "first@example.org" };
  const visitor = await openVisitor(browser, world.origin);
  await visitor.page.goto(`${world.origin}/rollouts`);
  await visitor.page.getByRole("link", { name: "Sign in with the company's account" }).click();
  await visitor.page.waitForURL(`${world.origin}/rollouts`);
  await visitor.page.getByText("There was no rollout yet.").waitFor();
  await visitor.page.getByRole("button", { name: "Sign out" }).click();
  await visitor.page.getByText("You are signed out.").waitFor();
  await leave(visitor);
});

test("the consent's form says where it comes from, although our answers send no referrer, and leads to Google and back", async () => {
  const { edge, source, origin } = world;
  await edge.sql`update federation.department_config
    set document = document || '{"enabled_tools": ["email"]}' where department_id = ${source.id}`;
  await withTx(edge.deps.db.app, (tx) => edge.deps.vault.ensureDepartmentKey(tx, source.id));
  const client = google.addClient({ redirectUris: [`${origin}/oauth/callback`] });
  const body = { client_id: client.clientId, client_secret: client.clientSecret, project: client.project };
  await edge.call("POST", "/api/v1/oauth-clients", { key: edge.adminKey, body });
  const { json } = await edge.call("GET", "/api/v1/oauth/google/start", { key: world.sourceKey });

  const visitor = await openVisitor(browser, origin);
  const { page } = visitor;
  const sent = page.waitForRequest((request) => request.method() === "POST");
  const opened = await page.goto(String(json.consent_url));
  expect(opened?.headers()["referrer-policy"]).toBe("no-referrer");
  await expectAccessible(page);
  await page.getByRole("button").click();
  expect((await (await sent).allHeaders())["origin"]).toBe(origin);
  await page.waitForURL(/\/oauth\/callback/);
  const [credential] =
    await edge.sql`select status from federation.credential where department_id = ${source.id}`;
  expect(credential).toEqual({ status: "active" });
  await expectAccessible(page);
  await leave(visitor);
});

test("a department's page shows the consent that was given", async () => {
  const { page, close } = await openVisitor(browser, world.origin);
  await signIn(page, world.origin, world.edge.adminKey);
  await page.goto(`${world.origin}/departments/${world.source.slug}`);
  await page
    .getByRole("row", { name: /^google/ })
    .getByText("active")
    .waitFor();
  await close();
});
