import { describe, expect, test } from "bun:test";
import { alertRules } from "../../../src/alerts/rules.ts";
import type { AlertSnapshot } from "../../../src/alerts/snapshot.ts";

const calm: AlertSnapshot = {
  agents: { count: 100, unhealthy: 5 },
  oldestDue: { queue: "run", ageSeconds: 600 },
  refreshes: { tries: 100, failures: 1 },
  connections: { used: 80, max: 100 },
  audit: { problems: 0, unsealedSeconds: 600 },
  quietRuns: [{ id: "r", kind: "provision", departmentId: "d", department: "sales", quietSeconds: 1800 }],
  endpointsOff: [],
  expiringKeys: [],
  blockedBudgets: [{ name: "railway", blockedSeconds: 600 }],
};
const look = (change: Partial<AlertSnapshot>) =>
  alertRules.flatMap(({ name, find }) => find({ ...calm, ...change }).map((found) => ({ name, ...found })));

test("an installation exactly at every threshold is no alert, nor is one in which nothing ever happened", () => {
  expect(look({})).toEqual([]);
  const nothing = {
    agents: { count: 0, unhealthy: 0 },
    oldestDue: null,
    refreshes: { tries: 0, failures: 0 },
    connections: { used: 1, max: 100 },
    audit: { problems: 0, unsealedSeconds: 0 },
    quietRuns: [],
    blockedBudgets: [],
  };
  expect(look(nothing)).toEqual([]);
});

describe("beyond its threshold a rule says the figure, the threshold and where help is", () => {
  const cases: [string, Partial<AlertSnapshot>, string[]][] = [
    ["agents_unhealthy", { agents: { count: 100, unhealthy: 6 } }, ["6 of 100", "5 %", "agents-down.md"]],
    [
      "queue_old",
      { oldestDue: { queue: "keep-house", ageSeconds: 7300 } },
      ["keep-house", "2 h", "10 min", "queue-stuck.md"],
    ],
    ["run_stuck", { quietRuns: [{ ...run(), quietSeconds: 1861 }] }, ["31 min", "30 min", "queue-stuck.md"]],
    [
      "refreshes_failing",
      { refreshes: { tries: 50, failures: 1 } },
      ["1 of 50", "2.0 %", "1 %", "credentials-broken.md"],
    ],
    ["connections_high", { connections: { used: 81, max: 100 } }, ["81 of 100", "80 %", "database-down.md"]],
    [
      "audit_broken",
      { audit: { problems: 1, unsealedSeconds: 0 } },
      ["1 problem;", "must be none", "audit-chain-broken.md"],
    ],
    [
      "audit_unsealed",
      { audit: { problems: 0, unsealedSeconds: 661 } },
      ["11 min", "10 min", "audit-chain-broken.md"],
    ],
    [
      "webhook_off",
      { endpointsOff: [{ id: "e", departmentId: null, host: "hooks.example.org", reason: "gone" }] },
      ["hooks.example.org", "410", "notifications.md"],
    ],
    [
      "key_expiring",
      { expiringKeys: [{ id: "k", name: "agent", departmentId: "d", owner: "sales", hoursLeft: 13.5 * 24 }] },
      ["agent of sales", "13 days", "14 days", "rotate.md"],
    ],
    [
      "provider_blocked",
      { blockedBudgets: [{ name: "railway", blockedSeconds: 660 }] },
      ["railway", "11 min", "10 min", "queue-stuck.md"],
    ],
  ];
  test.each(cases)("%s", (name, change, words) => {
    const found = look(change);
    expect(found.map((one) => one.name)).toEqual([name]);
    for (const word of words) expect(found[0]?.summary).toContain(word);
    expect(found[0]?.summary.length ?? 0).toBeLessThanOrEqual(500);
  });

  test("and every rule has such a case", () => {
    expect(cases.map(([name]) => name).toSorted()).toEqual(alertRules.map(({ name }) => name).toSorted());
  });
});

test("few agents and few refreshes are no figure to alert about", () => {
  expect(look({ agents: { count: 19, unhealthy: 19 }, refreshes: { tries: 49, failures: 49 } })).toEqual([]);
});

function run() {
  const [first] = calm.quietRuns;
  if (!first) throw new Error("no run");
  return first;
}
