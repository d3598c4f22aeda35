import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { provision } from "../crash/department.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { expectAccessible, launchBrowser, openVisitor } from "./browser.ts";
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

const statusIs = (page: Page, status: string) =>
  page.locator(".facts .status", { hasText: new RegExp(`^${status}$`) }).waitFor({ timeout: 60_000 });

test("a release is made, rolled out over the fleet and rolled back, while one looks on", async () => {
  const departments = [await provision(at), await provision(at)];
  const { page, close } = await openVisitor(browser, at.url);
  await signIn(page, at.url, at.key.reveal());

  await page.getByRole("link", { name: "Releases" }).click();
  await page.getByLabel("Name").fill("spring");
  await page.getByRole("button", { name: "Make it" }).click();
  await page.getByRole("heading", { name: "Release spring" }).waitFor();
  await page.getByText("No department runs it.").waitFor();
  await expectAccessible(page);

  await page.getByLabel("Departments at a time").fill("1");
  await page.getByLabel("Seconds that a batch has to stay well").fill("0");
  await page.getByRole("button", { name: "Start a rollout" }).click();
  await page.getByRole("heading", { name: "Bring every department to spring?" }).waitFor();
  expect(await page.locator("code").allTextContents()).toContain(
    "fed rollout start spring --batch-size 1 --failures-max 0 --gate-seconds 0 --rollback failed",
  );
  expect(await at.sql`select from federation.rollout`).toHaveLength(0);
  await page.getByRole("button", { name: "Yes, start it" }).click();
  await page.waitForURL(/\/rollouts\/[0-9a-f-]{36}$/);
  await statusIs(page, "succeeded");
  expect(await page.getByRole("cell", { name: "done" }).count()).toBe(2);
  await expectAccessible(page);

  await page.getByRole("button", { name: "Roll back" }).click();
  await page.getByRole("button", { name: "Yes, roll it back" }).click();
  await statusIs(page, "rolled back");
  expect(await page.getByRole("cell", { name: "rolled back" }).count()).toBe(2);
  await page.getByText("rolled back on request").waitFor();
  expect(await page.getByRole("button", { name: "Roll back" }).count()).toBe(0);
  const places =
    await at.sql`select status, rollback_run_id is not null as back from federation.rollout_department`;
  expect([...places]).toEqual(departments.map(() => ({ status: "rolled_back", back: true })));
  await close();
});

test("a rollout is paused and goes on from its page", async () => {
  const { page, close } = await openVisitor(browser, at.url);
  await signIn(page, at.url, at.key.reveal());
  const started = await at.client.send("POST", "/rollouts", { release: "spring", gate_seconds: 3600 });
  await page.goto(`${at.url}/rollouts/${String(started["id"])}`);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("It is paused").waitFor();
  await statusIs(page, "paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await statusIs(page, "running");
  await page.getByRole("link", { name: "Rollouts" }).click();
  await page
    .getByRole("row", { name: /^spring/ })
    .first()
    .getByText("running")
    .waitFor();
  await close();
});
