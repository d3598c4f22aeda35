import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { submitProvision, untilRun } from "../crash/department.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";
import { launchBrowser, openVisitor } from "./browser.ts";
import { signIn } from "./world.ts";

const images = join(import.meta.dir, "../../docs/images");
const bytesMax = 150 * 1024;
let browser: Browser;
let at: Installation;
beforeAll(async () => {
  [browser, at] = await Promise.all([launchBrowser(), startInstallation({ workers: 1 })]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await at.close();
}, 60_000);

// With SCREENSHOTS=1 the pictures of the docs are made anew.
test("the pages of the docs' pictures are there, and each picture is light", async () => {
  const ask = {
    target_department_id: "hr",
    source_department_id: "sales",
    permission: "search",
    resource: "documents",
    reason: "Holiday rules for the offer",
    expires_in_days: 7,
  };
  const runs = [];
  for (const slug of ["hr", "sales", "accounting"]) runs.push(await submitProvision(at, slug));
  for (const run of runs) await untilRun(at, run.id, "succeeded");
  await at.client.send("POST", "/grants", ask);
  await at.client.send("POST", "/grants", {
    ...ask,
    source_department_id: "accounting",
    resource: "contacts",
  });
  await at.client.send("POST", "/releases", { name: "2026-11" });
  const rollout = await at.client.send("POST", "/rollouts", {
    release: "2026-11",
    batch_size: 2,
    gate_seconds: 3600,
  });
  await until("the first batch ended", async () => {
    const [row] = await at.sql`select from federation.rollout where gate_until is not null`;
    return row !== undefined;
  });
  const { page, close } = await openVisitor(browser, at.url);
  await signIn(page, at.url, at.key.reveal());
  const shown = {
    fleet: "/",
    run: `/runs/${runs[0]?.id}`,
    rollout: `/rollouts/${String(rollout["id"])}`,
    grants: "/grants",
    audit: "/audit?action=grant.",
  };
  for (const [name, path] of Object.entries(shown)) {
    expect((await page.goto(`${at.url}${path}`, { waitUntil: "load" }))?.status()).toBe(200);
    const picture = await page.screenshot({ animations: "disabled", caret: "hide" });
    expect({ name, isLight: picture.byteLength < bytesMax }).toEqual({ name, isLight: true });
    if (process.env["SCREENSHOTS"] === "1") await Bun.write(join(images, `console-${name}.png`), picture);
  }
  await close();
});
