import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  deprovisionPlan,
  lockdownPlan,
  movePlan,
  type Plan,
  provisionPlan,
  unlockPlan,
  upgradePlan,
} from "../../src/provisioning/plans.ts";
import { RunModel } from "../helpers/run-model.ts";

const tail: Plan = {
  kind: "provision",
  departmentStatus: {},
  steps: [
    { name: "first", needs: [], group: "host" },
    { name: "left", needs: ["first"], group: "host" },
    { name: "right", needs: ["first"], group: "host" },
    { name: "last", needs: ["left", "right"], group: "host" },
  ],
};

/** What may happen to a run, in any order, any number of times. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("settle" as const), pick: fc.nat(20), outcome: outcome() }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "crash" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), seconds: fc.integer({ min: 1, max: 100 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "cancel" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("retry" as const), from: fc.option(fc.nat(20)) }) },
);

function outcome() {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant("good" as const) },
    { weight: 1, arbitrary: fc.constant("wait" as const) },
    { weight: 1, arbitrary: fc.constant("skip" as const) },
    { weight: 2, arbitrary: fc.constant("retryable" as const) },
    { weight: 1, arbitrary: fc.constant("fatal" as const) },
  );
}

for (const [name, plan] of [
  ["a diamond", tail],
  ["provision", provisionPlan],
  ["deprovision", deprovisionPlan],
  ["lockdown", lockdownPlan],
  ["unlock", unlockPlan],
  ["upgrade", upgradePlan],
  ["move", movePlan],
] as const) {
  test(`${name}: no sequence of results, crashes, cancels and retries leaves the table of states or goes back behind its point of no return, and every run ends`, () => {
    fc.assert(
      fc.property(
        fc.array(happening, { maxLength: 80 }),
        fc.constantFrom(0, 60, null),
        (happenings, holdSeconds) => {
          const model = new RunModel(plan, holdSeconds);
          for (const what of happenings) {
            model.look();
            if (what.kind === "settle") model.settle(what.pick, what.outcome);
            else if (what.kind === "crash") model.crash();
            else if (what.kind === "pass") model.pass(what.seconds);
            else if (what.kind === "cancel") model.cancel();
            else model.retry(what.from);
            model.check();
          }
          model.driveToEnd();
          model.check();
          expect(["succeeded", "rolled_back", "cancelled"]).toContain(model.status);
        },
      ),
      { numRuns: 400 },
    );
  });
}

test("a run is only over when every step it ever began is done or taken back", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const model = new RunModel(tail, 0);
      for (const what of happenings) {
        model.look();
        if (what.kind === "settle") model.settle(what.pick, what.outcome);
        else if (what.kind === "crash") model.crash();
        else if (what.kind === "pass") model.pass(what.seconds);
        else if (what.kind === "cancel") model.cancel();
      }
      model.driveToEnd();
      const states = [...model.steps.values()].map((step) =>
        step.attempt > 0 ? step.status : "never begun",
      );
      if (model.status === "succeeded")
        expect(states.every((state) => ["done", "skipped"].includes(state))).toBe(true);
      else expect(states.every((state) => ["undone", "skipped", "never begun"].includes(state))).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test("no step begins before everything it needs is done, and none is taken back before what needs it", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const model = new RunModel(provisionPlan, 60);
      for (const what of happenings) {
        model.look();
        if (what.kind === "settle") model.settle(what.pick, what.outcome);
        else if (what.kind === "crash") model.crash();
        else if (what.kind === "cancel") model.cancel();
        for (const name of model.inFlight) model.checkOrder(name);
      }
    }),
    { numRuns: 300 },
  );
});

test("a move whose old place cannot be taken away stays where it went, however often that fails", () => {
  const model = new RunModel(movePlan, 0);
  model.look();
  while (!model.inFlight.has("remove-old-agent")) {
    model.settle(0, "good");
    model.look();
  }
  for (let times = 0; times < 3; times++) {
    model.settle(0, "fatal");
    model.look();
    model.cancel();
    model.pass(1_000_000);
    model.look();
    expect(model.status).toBe("failed");
    model.retry(null);
    model.look();
  }
  model.driveToEnd();
  expect(model.status).toBe("succeeded");
});
