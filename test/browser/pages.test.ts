import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { pages } from "../../src/console/pages/pages.ts";
import { emptyReport } from "../../src/drift/drift-report.ts";
import { roleScopes } from "../../src/members/scopes.ts";
import type { Browser, BrowserContextOptions } from "playwright-core";
import {
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  openVisitor,
  type Visitor,
} from "./browser.ts";
import { makeSamples, samplePath, type Samples } from "./samples.ts";
import { consoleWorld, signIn, type World } from "./world.ts";

let browser: Browser;
let world: World;
let samples: Samples;
beforeAll(async () => {
  [browser, world] = await Promise.all([
    launchBrowser(),
    consoleWorld({ environment: { FOUR_EYES: "deprovision" } }),
  ]);
  samples = await makeSamples(world);
});
afterAll(async () => {
  await browser.close();
  await world.close();
});

async function visit(key: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const visitor = await openVisitor(browser, world.origin, options);
  await signIn(visitor.page, world.origin, key);
  return visitor;
}

test("two members: one department asks, the other approves, and either ends it after a question", async () => {
  const asks = await visit(world.sourceKey);
  await asks.page.goto(`${world.origin}/grants`);
  await asks.page.getByLabel("Target").fill(world.target.slug);
  const form = asks.page.getByRole("region", { name: "Ask for a grant" });
  await form.getByLabel("Reason").fill("the quarterly <b>report</b>");
  await form.getByRole("button", { name: "Ask" }).click();
  await asks.page.getByText(`${world.target.slug} was asked.`).waitFor();
  expect(await asks.page.getByRole("button", { name: "Approve" }).count()).toBe(0);

  const answers = await visit(world.targetKey);
  await answers.page.goto(`${world.origin}/grants`);
  await answers.page.getByText("the quarterly <b>report</b>").waitFor();
  await answers.page.getByRole("button", { name: "Approve" }).click();
  await answers.page.getByText(`${world.source.slug} may ask from now on.`).waitFor();
  await expectAccessible(answers.page);

  await asks.page.reload();
  await asks.page.getByRole("link", { name: "read documents: approved" }).waitFor();
  await asks.page.getByRole("cell").getByLabel("Reason").fill("it is done");
  await asks.page.getByRole("button", { name: /^Revoke/ }).click();
  await asks.page.getByRole("heading", { name: "Revoke this grant?" }).waitFor();
  expect(await asks.page.locator("code").allTextContents()).toContainEqual(
    expect.stringMatching(/^fed grants revoke \S+ --reason 'it is done'$/),
  );
  await expectAccessible(asks.page);
  const open = await world.edge
    .sql`select status from federation.access_grant where source = ${world.source.id}`;
  expect(open[0]).toMatchObject({ status: "approved" });
  await asks.page.getByRole("button", { name: "Yes, revoke it" }).click();
  await asks.page.getByText("The grant is revoked.").waitFor();
  await answers.close();
  await asks.close();
});

test("the audit is searched by action, says what a checkpoint covers, and verifies", async () => {
  const { page, close } = await visit(world.edge.adminKey);
  await page.goto(`${world.origin}/audit`);
  await page.getByLabel("Action").fill("console.");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("cell", { name: "console.sign_in" }).first().waitFor();
  expect(await page.getByRole("cell", { name: "audit.search" }).count()).toBe(0);
  await page.getByText("No checkpoint was made yet.").waitFor();
  await page.getByRole("button", { name: "Verify now" }).click();
  await page.getByRole("heading", { name: "The trail is whole" }).waitFor();
  await expectAccessible(page);
  await page.goto(`${world.origin}/audit`);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download the trail with its proofs" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("audit.ndjson");
  await close();
});

test("a minted key is shown once and works; when it is revoked it does not", async () => {
  const { page, close } = await visit(world.edge.adminKey);
  await page.goto(`${world.origin}/api-keys`);
  await page.getByLabel("Name").fill("from the console");
  await page.getByLabel("departments:read").check();
  await page.getByRole("button", { name: "Mint" }).click();
  await page.getByText("This is the only time it is shown.").waitFor();
  await expectAccessible(page);
  const key = (await page.getByLabel("The new key").textContent())?.trim();
  const ask = () => world.edge.call("GET", "/api/v1/departments", { key });
  expect((await ask()).status).toBe(200);
  await page.goto(`${world.origin}/api-keys`);
  expect(await page.content()).not.toContain(key ?? "");
  await page
    .getByRole("row", { name: "from the console" })
    .getByRole("button", { name: /^Revoke/ })
    .click();
  await page.getByRole("button", { name: "Yes, revoke it" }).click();
  await page.getByText("The key is revoked.").waitFor();
  await Bun.sleep(1100);
  expect((await ask()).status).toBe(401);
  await close();
});

test("a reload of the answer that shows a new secret makes none again and shows none", async () => {
  const { page, close } = await visit(world.edge.adminKey);
  const forms = [
    { path: "/api-keys", secret: "The new key", button: "Mint", table: "api_client" },
    { path: "/webhooks", secret: "The new secret", button: "Add", table: "webhook_endpoint" },
  ];
  const fill = async (path: string) => {
    if (path === "/webhooks") return page.getByLabel("URL").fill("https://example.org/again");
    await page.getByLabel("Name").fill("again");
    await page.getByLabel("departments:read").check();
  };
  for (const { path, secret, button, table } of forms) {
    await page.goto(`${world.origin}${path}`);
    await fill(path);
    await page.getByRole("button", { name: button, exact: true }).click();
    const text = (await page.getByLabel(secret).textContent())?.trim() ?? "";
    expect(text.length).toBeGreaterThan(20);
    const made = await world.edge.sql`select from federation.${world.edge.sql(table)}`;
    await page.reload();
    await page.getByText("The form was sent before").waitFor();
    expect(await page.content()).not.toContain(text);
    expect(await world.edge.sql`select from federation.${world.edge.sql(table)}`).toHaveLength(made.length);
  }
  await close();
});

test("what needs four eyes is approved by a second person and then done; a rejected one has to be asked for again", async () => {
  const { key } = await world.edge.addMember("admin", roleScopes.admin);
  const [asks, decides] = [await visit(world.edge.adminKey), await visit(key)];
  const department = await world.edge.addDepartment();
  const ask = async () => {
    await asks.page.goto(`${world.origin}/departments/${department.slug}`);
    await asks.page.locator("summary", { hasText: "Deprovision" }).click();
    const form = asks.page.locator("details", { hasText: "Deprovision" });
    await form.getByLabel(/^Type/).fill(department.slug);
    await form.getByRole("button", { name: "Deprovision" }).click();
  };
  const row = ({ page }: Visitor) => page.getByRole("row", { name: department.slug });

  await ask();
  await asks.page.getByText("approval_required").waitFor();
  await asks.page.goto(`${world.origin}/approvals`);
  expect(
    await row(asks)
      .getByRole("button", { name: /^Approve/ })
      .count(),
  ).toBe(0);
  await decides.page.goto(`${world.origin}/approvals`);
  await row(decides).getByLabel("Reason").fill("not this week");
  await row(decides)
    .getByRole("button", { name: /^Reject/ })
    .click();
  await decides.page.getByRole("button", { name: "Yes, reject it" }).click();
  await decides.page.getByText("Rejected.").waitFor();
  await ask();
  await asks.page.getByText("approval_required").waitFor();
  const runs = () => world.edge.sql`select from federation.run where department_id = ${department.id}`;
  expect(await runs()).toHaveLength(0);

  await decides.page.goto(`${world.origin}/approvals`);
  await expectAccessible(decides.page);
  await row(decides)
    .getByRole("button", { name: /^Approve/ })
    .click();
  await decides.page.getByText("Approved; who asked may go on now.").waitFor();
  await ask();
  await asks.page.waitForURL(/\/runs\//);
  expect(await runs()).toHaveLength(1);
  await asks.close();
  await decides.close();
});

test("an open alert is counted in the navigation, and drift is shown with what differs and repaired after a question", async () => {
  const { page, close } = await visit(world.edge.adminKey);
  await page.goto(`${world.origin}/`);
  await page.getByRole("navigation").getByRole("link", { name: "Alerts 1" }).click();
  await page.getByRole("row", { name: "agent down" }).first().getByText("critical").waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "Drift" }).click();
  await page.getByRole("link", { name: world.source.slug }).click();
  await page.getByText("policy own_rows is missing").waitFor();
  await page.getByRole("cell", { name: "agent:1" }).waitFor();
  await page.getByRole("button", { name: "Look now" }).click();
  await page.getByText("A worker looks now.").waitFor();
  await world.edge
    .sql`update federation.drift_report set checked_at = now() + interval '1 second', in_sync = true,
    found_at = null, report = ${JSON.stringify(emptyReport)}::text::jsonb`;
  await page.getByText("in sync").waitFor();
  expect(await page.getByText("A worker looks now.").count()).toBe(0);
  await page.getByRole("button", { name: "Repair" }).click();
  await page.getByRole("button", { name: "Yes, repair it" }).click();
  await page.waitForURL(/\/runs\//);
  await page.getByRole("heading", { name: `upgrade of ${world.source.slug}` }).waitFor();
  await close();
});

test("the last hours of a department are painted, up and down in two colours", async () => {
  await world.edge.sql`insert into federation.health_check (department_id, at, status, detail)
    select ${world.source.id}, now() - n * interval '1 hour', case when n % 5 = 0 then 'failing' else 'healthy' end, '{}'
    from generate_series(0, 23) n`;
  const { page, close } = await visit(world.edge.adminKey);
  await page.goto(`${world.origin}/?search=${world.source.slug}`);
  const strokeOf = (kind: string) =>
    page.evaluate<string>(`getComputedStyle(document.querySelector(".spark .${kind}")).stroke`);
  const colours = [await strokeOf("up"), await strokeOf("down")];
  expect(colours.every((colour) => colour.startsWith("rgb"))).toBe(true);
  expect(new Set(colours).size).toBe(2);
  await close();
});

test("a rotation's progress is followed on the page of the keys", async () => {
  const { page, close } = await visit(world.edge.adminKey);
  await page.goto(`${world.origin}/keys`);
  await page
    .getByRole("row", { name: /^data key/ })
    .getByText("running")
    .waitFor();
  const looks = async () =>
    (await world.edge.sql`select from audit.event where action = 'key.inventory'`).length;
  const before = await looks();
  await page.waitForResponse(`${world.origin}/key-rotations`);
  expect(await looks()).toBe(before);
  await world.edge
    .sql`update federation.key_rotation set status = 'succeeded', done = total, finished_at = now()`;
  await page
    .getByRole("row", { name: /^data key/ })
    .getByText("succeeded")
    .waitFor();
  await close();
});

test("a webhook endpoint is added, switched off after a question, and on again", async () => {
  const { page, close } = await visit(world.edge.adminKey);
  await page.goto(`${world.origin}/webhooks`);
  await page.getByLabel("URL").fill("https://example.org/hook");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByLabel("The new secret").waitFor();
  await page.goto(`${world.origin}/webhooks`);
  await page.getByRole("button", { name: "Switch off https://example.org/hook" }).click();
  await page.getByRole("button", { name: "Yes, switch it off" }).click();
  await page.getByText("off: by hand").waitFor();
  await page.getByRole("button", { name: "Switch on https://example.org/hook" }).click();
  await page.getByText("The endpoint is on.").waitFor();
  await page.getByRole("link", { name: "https://example.org/hook" }).click();
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByRole("cell", { name: "webhook.test" }).waitFor();
  await expectAccessible(page);
  await close();
});

test("what the verb refuses is said with its fields, and nothing is changed", async () => {
  const { page, close } = await visit(world.edge.adminKey);
  await page.goto(`${world.origin}/members`);
  await page.getByLabel("Address").fill("someone@example.org");
  await page.getByLabel("Role").selectOption("department_admin");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByText("belongs to a department_admin, and to nobody else").waitFor();
  await expectAccessible(page);
  const [found] = await world.edge.sql`select from federation.member where email = 'someone@example.org'`;
  expect(found).toBeUndefined();
  await close();
});

test("the way in and a page that is not there are accessible, and small enough for a phone", async () => {
  const small = { viewport: { width: 390, height: 844 }, isMobile: true };
  for (const options of [{}, { colorScheme: "dark" as const }, small]) {
    const visitor = await openVisitor(browser, world.origin, options);
    await visitor.page.goto(`${world.origin}/sign-in`);
    await expectAccessible(visitor.page);
    await expectNoSidewaysScroll(visitor.page);
    await signIn(visitor.page, world.origin, world.edge.adminKey);
    expect((await visitor.page.goto(`${world.origin}/departments/nobody`))?.status()).toBe(404);
    await expectAccessible(visitor.page);
    await expectNoSidewaysScroll(visitor.page);
    await visitor.close();
  }
});

describe("in light and dark colours and on a phone nothing is wrong with", () => {
  let desk: Visitor;
  let phone: Visitor;
  beforeAll(async () => {
    const small = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    [desk, phone] = [await visit(world.edge.adminKey), await visit(world.edge.adminKey, small)];
  }, 60_000);
  afterAll(() => Promise.all([desk.close(), phone.close()]));

  test.each(pages.filter((page) => !page.isDownload).map(({ path }) => path))("%s", async (path) => {
    const address = `${world.origin}${samplePath(path, samples)}`;
    expect((await desk.page.goto(address))?.status()).toBe(200);
    for (const colorScheme of ["light", "dark"] as const) {
      await desk.page.emulateMedia({ colorScheme });
      await expectAccessible(desk.page);
    }
    await phone.page.goto(address);
    await expectAccessible(phone.page);
    await expectNoSidewaysScroll(phone.page);
    expect([await desk.complaints(), await phone.complaints()]).toEqual([[], []]);
  });
});

test("by keyboard the first stop skips to the content, and what has the focus is outlined", async () => {
  const { page, close } = await visit(world.edge.adminKey);
  await page.goto(`${world.origin}/limits`);
  await page.keyboard.press("Tab");
  expect(await page.locator(":focus").textContent()).toContain("Skip to the content");
  expect(await outlineOf()).not.toBe("none");
  await page.keyboard.press("Enter");
  expect(await page.evaluate<string>("document.activeElement.id")).toBe("main");
  await page.keyboard.press("Tab");
  expect(await outlineOf()).not.toBe("none");
  await close();

  function outlineOf() {
    return page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle");
  }
});
