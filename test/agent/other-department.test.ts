// An agent's questions to another department, with the real platform and its gateway between them.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { callTool } from "../crash/agent.ts";
import { provision } from "../crash/department.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";

let at: Installation;
beforeAll(async () => void (at = await startInstallation({ workers: 1 })));
afterAll(() => at.close());

test("an agent asks another department only with a grant, and each question is on record with its reason", async () => {
  const [asking, asked] = [await provision(at), await provision(at)];
  const question = { department: asked.slug, what: "documents", query: "budget", reason: "the board asks" };
  const ask = (args: object = question) => callTool(at, asking, "search_other_department", args);
  expect(await ask()).toMatchObject({ status: 403, json: { code: "no_grant" } });
  expect(await ask({ ...question, department: "nobody" })).toMatchObject({
    status: 403,
    json: { code: "no_grant" },
  });
  const { reason: _, ...silent } = question;
  expect(await ask(silent)).toMatchObject({ status: 422 });
  await at.sql`
    insert into federation.access_grant (id, source, target, target_name, permission, resource, status, requested_by,
      reason, expires_in_days, approved_at, approved_by, expires_at)
    values (${Bun.randomUUIDv7()}, ${asking.department}, ${asked.department}, ${asked.slug}, 'search', 'documents',
      'approved', 'test', 'test', 1, now(), 'test', now() + interval '1 day')`;
  expect(await ask()).toMatchObject({ status: 200, json: { result: { results: [] } } });
  const events = await at.sql<{ decision: string; reason: string }[]>`
    select decision, reason from audit.event
    where stream = ${asking.department} and action = 'gateway.search_documents' order by seq`;
  const reason = "the board asks";
  expect(events.map(({ ...event }) => event)).toEqual([
    { decision: "denied", reason },
    { decision: "denied", reason },
    { decision: "allowed", reason },
  ]);
});
