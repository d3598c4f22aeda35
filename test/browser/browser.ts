// Chromium over the real console: a page that fails its test by whatever the browser complains of.
import { expect } from "bun:test";
import axe from "axe-core";
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Response,
} from "playwright-core";

const documentBytesMax = 100 * 1024;

/** Chromium without its sandbox for root, who cannot have one. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM_PATH"] ?? Bun.which("chromium");
  if (!executablePath) throw new Error("chromium cannot be found: apt-get install chromium");
  const args = ["--disable-dev-shm-usage", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];
  return chromium.launch({ executablePath, args });
}

export interface Visitor {
  page: Page;
  /** What the browser complained of up to now. */
  complaints(): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * A person with cookies of their own. Errors of scripts and console, violations of the CSP, requests to another origin
 * and documents above 100 KB are complaints; `close` throws if there were any.
 */
export async function openVisitor(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const found: string[] = [];
  const sizes: Promise<void>[] = [];
  await context.exposeFunction("reportViolation", (text: string) => void found.push(text));
  await context.addInitScript(reportViolations);
  const page = await context.newPage();
  page.on("pageerror", (error) => found.push(`error on ${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    // The status of a document is the test's to judge; Chromium repeats it as an error.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      found.push(`console on ${page.url()}: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(origin).origin) found.push(`request to ${request.url()}`);
  });
  page.on("response", (response) => void sizes.push(weigh(response, found)));
  page.setDefaultTimeout(20_000);
  const complaints = async () => {
    await Promise.all(sizes);
    return [...found];
  };
  return {
    page,
    complaints,
    async close() {
      const all = await complaints();
      await context.close();
      expect(all).toEqual([]);
    },
  };
}

/** Nothing that axe-core calls serious or critical is on the page. */
export async function expectAccessible(page: Page): Promise<void> {
  // By the debugger, which no CSP hinders.
  await page.evaluate(axe.source);
  const violations = await page.evaluate<AxeViolation[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, impact, nodes }) => " +
      "({ id, impact, nodes: nodes.map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary) })))",
  );
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect({ url: page.url(), grave }).toEqual({ url: page.url(), grave: [] });
}

/** Nothing has to be scrolled sideways to be read, but what scrolls within itself. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const tooWide = await page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  expect({ url: page.url(), tooWide }).toEqual({ url: page.url(), tooWide: 0 });
}

interface AxeViolation {
  id: string;
  impact: string | null;
  nodes: string[];
}

const reportViolations = `document.addEventListener("securitypolicyviolation", (event) =>
  window.reportViolation("CSP: " + event.violatedDirective + " " + event.blockedURI + " on " + location.pathname))`;

async function weigh(response: Response, found: string[]): Promise<void> {
  if (response.request().resourceType() !== "document" || response.status() >= 300) return;
  const bytes = (await response.body().catch(() => Buffer.alloc(0))).byteLength;
  if (bytes > documentBytesMax) found.push(`${response.url()} has ${bytes} bytes`);
}
