import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { randomSlug, submitProvision, untilRun } from "../crash/department.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { expectAccessible, launchBrowser, openVisitor, type Visitor } from "./browser.ts";
import { signIn } from "./world.ts";

let browser: Browser;
let at: Installation;
beforeAll(async () => {
  [browser, at] = await Promise.all([launchBrowser(), startInstallation({ workers: 1 })]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await at.close();
}, 60_000);

async function visit(): Promise<Visitor> {
  const visitor = await openVisitor(browser, at.url);
  await signIn(visitor.page, at.url, at.key.reveal());
  return visitor;
}

const statusOf = (page: Page, state: string) =>
  page.locator("#run-status", { hasText: new RegExp(`^${state}$`) }).waitFor();

/** What the page's own script writes while nobody loads it again. */
const noteChanges = `new MutationObserver((changes) => {
  for (const { target } of changes)
    sessionStorage.setItem("seen", (sessionStorage.getItem("seen") ?? "") + target.id + " " + target.textContent + "\\n");
}).observe(document.getElementById("main"), { subtree: true, childList: true })`;

test("a department is made from the form and becomes active while one looks on", async () => {
  const { page, close } = await visit();
  const slug = randomSlug();
  await page.goto(`${at.url}/new`);
  await expectAccessible(page);
  await page.locator("#department_id").fill(slug);
  await page.locator("#department_name").fill("Sales");
  await page.locator("#admin_email").fill("admin@example.com");
  await page.getByRole("checkbox", { name: "database", exact: true }).check();
  await page.getByRole("button", { name: "Show the plan" }).click();
  await page.getByRole("button", { name: "Make it" }).waitFor();
  expect(await at.sql`select from federation.department where slug = ${slug}`).toHaveLength(0);
  at.worker().kill("SIGSTOP");
  await page.getByRole("button", { name: "Make it" }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  await page.evaluate(noteChanges);
  at.worker().kill("SIGCONT");
  await statusOf(page, "succeeded");
  const seen = await page.evaluate<string>("sessionStorage.getItem('seen')");
  expect(seen).toContain("step-database done");
  await expectAccessible(page);
  await page.goto(`${at.url}/`);
  await page.getByRole("row", { name: "Sales" }).getByText("active").waitFor();
  await close();
});

test("a run that failed says where, is retried after a look, and succeeds", async () => {
  at.arm("before.host.deploy", "fail");
  const run = await submitProvision(at);
  await untilRun(at, run.id, "failed");
  at.disarm("before.host.deploy");
  const { page, close } = await visit();
  await page.goto(`${at.url}/runs/${run.id}`);
  await statusOf(page, "failed");
  await page.locator("#step-deploy", { hasText: "failed" }).waitFor();
  await expectAccessible(page);
  await page.locator("summary", { hasText: "Retry" }).click();
  await page.getByRole("button", { name: "Retry" }).click();
  await page.waitForURL(`**/runs/${run.id}`);
  await statusOf(page, "succeeded");
  await close();
});

test("a configuration is rolled back, and both versions are there", async () => {
  const run = await submitProvision(at);
  await untilRun(at, run.id, "succeeded");
  const [stored] = await at.sql<{ document: Record<string, string> }[]>`
    select document from federation.department_config where department_id = ${run.department}`;
  await at.client.send("PUT", `/departments/${run.slug}/config`, {
    config: { ...stored?.document, department_name: "Renamed" },
    expected_version: 1,
  });
  const { page, close } = await visit();
  await page.goto(`${at.url}/departments/${run.slug}/config`);
  await page.getByRole("heading", { name: "Version 2", exact: true }).waitFor();
  await expectAccessible(page);
  await page.locator("summary", { hasText: "Roll back" }).click();
  await page.getByLabel("To version").fill("1");
  await page.getByRole("button", { name: "Roll back" }).click();
  await page.getByRole("heading", { name: "Version 3", exact: true }).waitFor();
  const [now] = await at.sql<{ document: Record<string, string> }[]>`
    select document from federation.department_config where department_id = ${run.department} and version = 3`;
  expect(now?.document).toEqual(stored?.document ?? {});
  await close();
});
