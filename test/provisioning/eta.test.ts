import { expect, test } from "bun:test";
import { etaSeconds, expectedSeconds, type StepTime } from "../../src/provisioning/eta.ts";
import type { Plan } from "../../src/provisioning/plans.ts";

const plan: Plan = {
  kind: "provision",
  departmentStatus: {},
  steps: [
    { name: "host-project", needs: [], group: "host" },
    { name: "deploy", needs: ["host-project"], group: "host" },
  ],
};
const history = new Map([
  ["host-project", 2],
  ["deploy", 200],
]);
const pending: StepTime = { status: "pending", workedSeconds: 0, waitSeconds: 0, isInLine: false };
const eta = (project: Partial<StepTime>, deploy: Partial<StepTime> = {}, median = history) => {
  const times = new Map([
    ["host-project", { ...pending, ...project }],
    ["deploy", { ...pending, ...deploy }],
  ]);
  return etaSeconds(plan, times, expectedSeconds("railway", median));
};

test("who stands in a line has the line before it, and then all its own work", () => {
  expect(eta({ status: "waiting", waitSeconds: 900, isInLine: true })).toBe(1102);
});

test("who waits for its own work has only what is left of that", () => {
  const deploy = { status: "waiting", waitSeconds: 10, workedSeconds: 150 } as const;
  expect(eta({ status: "done" }, deploy)).toBe(50);
  expect(eta({ status: "done" }, { ...deploy, workedSeconds: 300 })).toBe(10);
});

test("before there is a history a deployment on Railway is expected to take minutes", () => {
  expect(eta({}, {}, new Map())).toBeGreaterThan(120);
});
