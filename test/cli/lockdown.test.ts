import { afterAll, beforeAll, expect, test } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { provision } from "../crash/department.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { runFed } from "../helpers/run-fed.ts";

/** The emergency stop and four eyes as two people at the command line see them. */
let at: Installation;
let second: Secret<string>;
beforeAll(async () => {
  at = await startInstallation({ workers: 1, environment: { FOUR_EYES: "deprovision" } });
  const member = await at.client.send("POST", "/members", { email: "second@example.org", role: "operator" });
  const body = { name: "k", member_id: member["id"], scopes: ["approvals:write"], expires_in_days: 1 };
  second = new Secret(String((await at.client.send("POST", "/api-keys", body))["key"]));
}, 60_000);
afterAll(() => at.close(), 60_000);

const fed = (args: string[], key = at.key) => runFed({ url: at.url, key: key.reveal() }, args);

test("fed lockdown needs a reason, then stops the department; fed unlock brings it back", async () => {
  const { slug } = await provision(at);
  expect((await fed(["lockdown", slug])).code).toBe(2);
  const locked = await fed(["lockdown", slug, "--reason", "lost laptop", "--watch"]);
  expect([locked.code, locked.out]).toEqual([0, expect.stringContaining('"status": "suspended"')]);
  const shown = await at.client.get(`/departments/${slug}`);
  expect(shown).toMatchObject({ status: "suspended", lock_reason: "lost laptop" });
  const unlocked = await fed(["unlock", slug, "--reason", "new laptop", "--watch"]);
  expect([unlocked.code, unlocked.out]).toEqual([
    0,
    expect.stringContaining("grants must be asked for again"),
  ]);
  expect(await at.client.get(`/departments/${slug}`)).toMatchObject({ status: "active", lock_reason: null });
});

test("fed deprovision asks for a second person, who finds and approves it with fed approvals", async () => {
  const { slug } = await provision(at);
  const refused = await fed(["deprovision", slug, "--yes", "--grace-hours", "1"]);
  expect([refused.code, refused.err]).toEqual([9, expect.stringContaining("waits for approval")]);
  const listed = JSON.parse((await fed(["approvals", "list", "--json"], second)).out);
  expect(listed).toMatchObject([{ action: "deprovision", department_id: slug, status: "requested" }]);
  const { id } = listed[0];
  expect(refused.err).toContain(id);
  expect((await fed(["approvals", "approve", id])).err).toContain("self_approval");
  expect((await fed(["approvals", "approve", id], second)).code).toBe(0);
  expect((await fed(["deprovision", slug, "--yes", "--grace-hours", "1"])).code).toBe(0);
  expect((await fed(["approvals", "reject", id], second)).err).toContain("approval_over");
});
