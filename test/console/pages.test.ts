import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { scopes } from "../../src/members/scopes.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";
import { signedIn } from "./browser.ts";

const hostile = `<script>alert(1)</script>"'&`;
let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
let browser: Awaited<ReturnType<typeof signedIn>>;
let runId: string;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  await edge.sql`update federation.department set name = ${hostile}, admin_email = ${hostile}, agent_url = ${hostile} where id = ${a.id}`;
  await edge.sql`insert into federation.resource (id, department_id, provider, kind, external_id, name, created_by_step)
    values (${Bun.randomUUIDv7()}, ${a.id}, ${hostile}, 'x', ${hostile}, ${hostile}, 'x')`;
  browser = await signedIn(edge, edge.adminKey);
  runId = await newRun("one");
});
afterAll(() => edge.close());

async function newRun(slug: string): Promise<string> {
  const body = {
    department_id: slug,
    department_name: hostile,
    enabled_tools: ["email"],
    admin_email: "o@example.org",
  };
  const { json } = await edge.call("POST", "/api/v1/provision-department", { key: edge.adminKey, body });
  return json.provisioning_id;
}
const pagesOf = (id: string) => [
  "/",
  "/runs",
  "/new",
  `/runs/${runId}`,
  `/departments/${id}`,
  `/departments/${id}/config`,
  `/departments/${id}/queries`,
  `/departments/${id}/drift`,
  "/",
];

test("every page is whole, under 100 KB, without inline script or style and with names as text, at 100 departments", async () => {
  await Promise.all(Array.from({ length: 98 }, () => edge.addDepartment()));
  await edge.sql`update federation.department set name = ${hostile.padEnd(200, "x")}`;
  await edge.sql`insert into federation.health_check (department_id, at, status, detail)
    select d.id, now() - n * interval '10 minutes', case when n % 17 = 0 then 'failing' else 'healthy' end, '{}'
    from federation.department d, generate_series(0, 143) n`;
  for (const path of pagesOf(a.id)) {
    const startedAt = performance.now();
    const reply = await browser.get(path);
    const body = await reply.arrayBuffer();
    console.log(`${path}: ${body.byteLength} bytes, ${Math.round(performance.now() - startedAt)} ms`);
    const text = new TextDecoder().decode(body);
    expect([path, reply.status]).toEqual([path, 200]);
    expect(body.byteLength).toBeLessThan(100_000);
    expect(text).toEndWith("</html>");
    expect(text).not.toContain("<script>alert");
    expect(text).not.toMatch(
      /\son\w+=|\sstyle=|<style|javascript:|(src|href)="(https?:)?\/\/(?!railway\.com)/i,
    );
    expect(text.match(/<script/g)?.length).toBe(1);
    expect(text.match(/<h1>/g)?.length).toBe(1);
  }
});

test("a fleet's page shows 100 departments with their last 24 hours, filtered where it is asked to", async () => {
  await edge.sql`update federation.department set name = 'Purchasing 100%' where id = ${b.id}`;
  const rows = (text: string) => text.match(/<th scope="row">/g)?.length ?? 0;
  const all = await browser.page("/");
  expect([rows(all), all.match(/class="spark"/g)?.length]).toEqual([100, 100]);
  expect(rows(await browser.page("/?search=PURCHASING+100%25"))).toBe(1);
  expect(rows(await browser.page("/?search=%25_"))).toBe(0);
  expect(rows(await browser.page("/?status=failed&host=local"))).toBe(0);
  expect(all).toContain("hours with a failure");
});

test("the fleet says what each department is expected to cost and runs, and the sum, as the API does", async () => {
  await edge.sql`update federation.department_config set document = document || '{"host": "docker"}'`;
  await edge.sql`update federation.department set host = 'docker', release = 'registry.example/agent@sha256:0123456789abcdef' where id = ${b.id}`;
  const { json } = await edge.call("GET", `/api/v1/departments/${b.id}/cost`, { key: edge.adminKey });
  const dollars = (micro: number) => `$${(micro / 1_000_000).toFixed(2)}`;
  const cost = dollars(json.estimate.month_micro_usd);
  expect(cost).not.toBe("$0.00");
  const page = await browser.page(`/?search=${b.slug}`);
  expect(page).toContain(`<td>agent@0123456789ab</td><td>${cost}</td>`);
  expect(page).toContain(`1 departments, ${cost} a month expected`);
  expect(await browser.page(`/departments/${b.id}`)).toContain(`<dd>${cost}</dd>`);
});

describe("a department's own people", () => {
  test("see their department and nobody else's", async () => {
    const { key } = await edge.addMember("department_admin", [...scopes], a.id);
    const own = await signedIn(edge, key);
    expect((await own.page("/")).match(/<th scope="row">/g)?.length).toBe(1);
    for (const path of ["", "/config", "/queries"]) {
      const there = await own.get(`/departments/${b.id}${path}`);
      const nowhere = await own.get(`/departments/${Bun.randomUUIDv7()}${path}`);
      expect([there.status, nowhere.status]).toEqual([404, 404]);
      expect((await own.get(`/departments/${a.id}${path}`)).status).toBe(200);
    }
    for (const tail of ["", "/events"]) expect((await own.get(`/runs/${runId}${tail}`)).status).toBe(404);
    expect(await own.page("/runs")).toContain("There was no run yet.");
  });

  test("are refused what the platform does, and are not shown it", async () => {
    const { key } = await edge.addMember("department_admin", [...scopes], a.id);
    const own = await signedIn(edge, key);
    const page = await own.page(`/departments/${a.id}`);
    expect([page.includes("Lock down"), page.includes("Deprovision")]).toEqual([true, false]);
    for (const path of [
      `/departments/${a.id}/deprovision`,
      `/departments/${a.id}/upgrade`,
      `/runs/${runId}/cancel`,
    ])
      expect([path, (await own.post(path, { confirm: a.slug, grace_hours: "0" })).status]).toEqual([
        path,
        403,
      ]);
    const fields = { confirm: b.slug, reason: "not mine" };
    expect((await own.post(`/departments/${b.id}/lockdown`, fields)).status).toBe(404);
  });
});

test("an auditor sees and changes nothing", async () => {
  const { key } = await edge.addMember("auditor", [...scopes]);
  const auditor = await signedIn(edge, key);
  expect(await auditor.page(`/departments/${a.id}`)).not.toContain("<details");
  expect((await auditor.get("/new")).status).toBe(403);
  expect((await auditor.post(`/departments/${a.id}/lockdown`, { confirm: a.slug, reason: "x" })).status).toBe(
    403,
  );
});

describe("what destroys is asked about:", () => {
  test("without the department's name typed nothing is done", async () => {
    for (const action of ["deprovision", "lockdown"]) {
      for (const confirm of ["", "yes", b.slug]) {
        const fields = { confirm, reason: "test", grace_hours: "0" };
        expect((await browser.post(`/departments/${a.id}/${action}`, fields)).status).toBe(422);
      }
    }
    const [row] = await edge.sql`select status, locked_at from federation.department where id = ${a.id}`;
    expect(row).toMatchObject({ status: "active", locked_at: null });
  });

  test("with it the department is taken away, by the same verb and with the same record as over the API", async () => {
    const c = await edge.addDepartment();
    const page = await browser.page(`/departments/${c.id}`);
    expect(page).toContain(`fed deprovision ${c.slug} --yes`);
    const reply = await browser.post(`/departments/${c.id}/deprovision`, {
      confirm: c.slug,
      grace_hours: "1",
      export: "yes",
    });
    expect(reply.headers.get("location")).toMatch(/^\/runs\/[0-9a-f-]{36}$/);
    const [event] =
      await edge.sql`select actor from audit.event where stream = ${c.id} and action = 'department.deprovision'`;
    expect(event?.["actor"]).toBe(edge.adminId);
    const [run] = await edge.sql`select input from federation.run where department_id = ${c.id}`;
    expect(run?.["input"]).toMatchObject({ grace_hours: 1, export: true });
  });
});

describe("a new department", () => {
  const fields = {
    department_id: "buying",
    department_name: "Buying",
    admin_email: "b@example.org",
    enabled_tools: "email",
    "custom_config.agent.cpu": "2",
  };
  const count = async () => (await edge.sql`select from federation.department where slug = 'buying'`).length;

  test("has a field for everything its schema knows", async () => {
    const page = await browser.page("/new");
    for (const name of [
      "department_id",
      "enabled_tools",
      "custom_config.agent.cpu",
      "data_retention.documents_days",
    ])
      expect(page).toContain(`name="${name}"`);
  });

  test("is told beside the field what is wrong with it, and keeps what was written", async () => {
    const reply = await browser.post("/new", {
      ...fields,
      admin_email: "nobody",
      "custom_config.agent.cpu": "1000",
      do: "provision",
    });
    const page = await reply.text();
    expect(reply.status).toBe(422);
    expect(page).toMatch(/id="admin_email-help"><span class="wrong">/);
    expect(page).toMatch(/id="custom_config.agent.cpu-help"><span class="wrong">/);
    expect(page).toContain('value="Buying"');
    expect(await count()).toBe(0);
  });

  test("shows its plan first, which does nothing", async () => {
    const reply = await browser.post("/new", { ...fields, do: "plan" });
    expect(await reply.text()).toContain("This would be done");
    expect(await count()).toBe(0);
  });

  test("is made as it was written, and one is led to its run", async () => {
    const reply = await browser.post("/new", { ...fields, do: "provision" });
    expect([reply.status, (reply.headers.get("location") ?? "").startsWith("/runs/")]).toEqual([303, true]);
    const [row] =
      await edge.sql`select c.document from federation.department_config c join federation.department d
      on d.id = c.department_id where d.slug = 'buying'`;
    expect(row?.["document"]).toMatchObject({
      enabled_tools: ["email"],
      custom_config: { agent: { cpu: 2 } },
    });
  });
});

describe("a run", () => {
  test("has its page where the API says, for whoever asked for it there", async () => {
    const path = `/api/v1/provision-status/${runId}`;
    const { json } = await edge.call("GET", path, { key: edge.adminKey });
    expect(json.dashboard_url).toBe(`http://federation.test/runs/${runId}`);
    expect((await browser.get(new URL(json.dashboard_url).pathname)).status).toBe(200);
  });

  test("can be stopped from its page", async () => {
    const id = await newRun("stopped");
    expect((await browser.post(`/runs/${id}/cancel`)).status).toBe(303);
    expect(await browser.page(`/runs/${id}`)).toContain("run.cancel");
    const [run] = await edge.sql`select cancel_requested_at, status from federation.run where id = ${id}`;
    expect(run?.["cancel_requested_at"] !== null || run?.["status"] === "cancelled").toBe(true);
  });

  test("that cannot be retried says so as the API does", async () => {
    const reply = await browser.post(`/runs/${runId}/retry`);
    expect([reply.status, (await reply.text()).includes("not_retryable")]).toEqual([409, true]);
  });

  test("is streamed to who is signed in, and no longer once they are not", async () => {
    const { key, keyId } = await edge.addMember("operator", [...scopes]);
    const viewer = await signedIn(edge, key);
    const reply = await viewer.get(`/runs/${runId}/events`);
    expect(reply.headers.get("content-type")).toContain("text/event-stream");
    const reader = reply.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    expect(first).toContain("event: status");
    await edge.sql`update federation.api_client set status = 'revoked', revoked_at = now() where key_id = ${keyId}`;
    while (!(await reader?.read())?.done);
    expect((await viewer.get(`/runs/${runId}/events`)).status).toBe(303);
  });
});

test("an earlier configuration is compared and brought back", async () => {
  const config = { department_name: "New name", enabled_tools: ["email"], admin_email: "a@example.org" };
  const path = `/departments/${b.id}/config`;
  await edge.call("PUT", `/api/v1${path}`, { key: edge.adminKey, body: { expected_version: 1, config } });
  expect(await browser.page(path)).toContain("New name");
  const reply = await browser.post(`${path}/rollback`, { to_version: "1", expected_version: "2" });
  expect(reply.status).toBe(303);
  const said = await browser.get(path, {
    cookie: `${browser.cookie}; ${reply.headers.getSetCookie()[0]?.split(";")[0]}`,
  });
  expect(await said.text()).toContain("Version 3 is what the department has now.");
});

test("the questions of a department are shown with their decision, and the look is on record", async () => {
  const { key } = b;
  await edge.call("POST", "/api/v1/cross-dept/query", {
    key,
    body: {
      target_department_id: a.slug,
      query_type: "search_documents",
      query_params: { query: "x" },
      reason: "a test",
    },
  });
  const page = await browser.page(`/departments/${b.id}/queries`);
  expect(page).toContain("denied");
  const looks = await edge.sql`select from audit.event where action = 'gateway.list'`;
  expect(looks.length).toBeGreaterThan(0);
});
