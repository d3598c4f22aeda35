import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { type Edge, testEdge } from "../http/edge.ts";
import { expectAccessible, launchBrowser, openVisitor } from "./browser.ts";

let browser: Browser;
let edge: Edge;
let server: Bun.Server<undefined>;
beforeAll(async () => {
  [browser, edge] = await Promise.all([launchBrowser(), testEdge()]);
  server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => edge.app.fetch(request) });
}, 60_000);
afterAll(async () => {
  await browser.close();
  await server.stop(true);
  await edge.close();
}, 60_000);

/** Only colours differ between the two, and two pages have them all. */
const shown = { light: /./, dark: /^\/docs(\/gateway)?$/ };

test.each(["light", "dark"] as const)(
  "the pages of the reference are accessible, in the %s, without a complaint of the browser",
  async (colorScheme) => {
    const visitor = await openVisitor(browser, server.url.origin, { colorScheme });
    await visitor.page.goto(`${server.url.origin}/docs`);
    const hrefs = await visitor.page
      .locator('nav[aria-label="Groups"] a')
      .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
    const paths = hrefs.filter((path) => shown[colorScheme].test(path));
    expect(paths.length).toBeGreaterThan(1);
    for (const path of paths) {
      await visitor.page.goto(`${server.url.origin}${path}`);
      await expectAccessible(visitor.page);
    }
    await visitor.close();
  },
  120_000,
);

test("a link of the first page leads to its operation", async () => {
  const visitor = await openVisitor(browser, server.url.origin, { viewport: { width: 360, height: 640 } });
  await visitor.page.goto(`${server.url.origin}/docs`);
  await visitor.page.locator('a[href$="#rotateKek"]').click();
  await visitor.page.waitForURL("**/docs/keys#rotateKek");
  const wide = await visitor.page.evaluate("document.documentElement.scrollWidth > window.innerWidth");
  expect(wide).toBe(false);
  await visitor.close();
});
