import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { expectAccessible, launchBrowser, openVisitor } from "./browser.ts";

let browser: Browser;
let server: Bun.Server<undefined>;
const pages: Record<string, string> = {
  "/sound": "<html lang=en><title>Sound</title><main><h1>Sound</h1></main></html>",
  "/inline": "<html lang=en><title>Inline</title><main><h1>Inline</h1></main><script>1</script></html>",
  "/elsewhere":
    "<html lang=en><title>Elsewhere</title><main><img alt=x src=http://localhost:9/x.png></main></html>",
  "/heavy": `<html lang=en><title>Heavy</title><main>${"x".repeat(101 * 1024)}</main></html>`,
  "/deaf": "<html lang=en><title>Deaf</title><main><input></main></html>",
};

beforeAll(async () => {
  browser = await launchBrowser();
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const headers = { "content-type": "text/html", "content-security-policy": "default-src 'none'" };
      return new Response(pages[new URL(request.url).pathname] ?? "", { headers });
    },
  });
});
afterAll(async () => {
  await browser.close();
  await server.stop(true);
});

async function complaintsOf(path: string): Promise<string> {
  const visitor = await openVisitor(browser, server.url.origin);
  await visitor.page.goto(new URL(path, server.url).href, { waitUntil: "networkidle" });
  const complaints = await visitor.complaints();
  await visitor.close().catch(() => {});
  return complaints.join("\n");
}

test("a sound page has no complaint", async () => {
  expect(await complaintsOf("/sound")).toBe("");
});

test("a script within a page, a picture from elsewhere and a heavy page are complaints", async () => {
  expect(await complaintsOf("/inline")).toContain("CSP: script-src-elem inline");
  expect(await complaintsOf("/elsewhere")).toContain("http://localhost:9/x.png");
  expect(await complaintsOf("/heavy")).toMatch(/\/heavy has \d+ bytes/);
});

test("a visitor with a complaint cannot be closed in peace", async () => {
  const visitor = await openVisitor(browser, server.url.origin);
  await visitor.page.goto(new URL("/inline", server.url).href, { waitUntil: "networkidle" });
  await expect(visitor.close()).rejects.toThrow("CSP");
});

test("a field without a name is no accessible page", async () => {
  const visitor = await openVisitor(browser, server.url.origin);
  await visitor.page.goto(new URL("/deaf", server.url).href);
  await expect(expectAccessible(visitor.page)).rejects.toThrow("label");
  await visitor.page.goto(new URL("/sound", server.url).href);
  await expectAccessible(visitor.page);
  await visitor.close();
});
