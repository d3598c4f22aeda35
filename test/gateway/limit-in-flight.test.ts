import { expect, test } from "bun:test";
import { createInFlight } from "../../src/gateway/limit-in-flight.ts";

/** Questions that last until they are let go. */
function slowQuestions() {
  const inFlight = createInFlight();
  const running: { department: string; end: () => void }[] = [];
  const ask = (department: string) =>
    inFlight.run(department, async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      running.push({ department, end: resolve });
      await promise;
      return "answered";
    });
  const countOf = (department: string) => running.filter((one) => one.department === department).length;
  return { ask, running, countOf, inFlight };
}

test("one department's slow questions do not keep another's from running", async () => {
  const { ask, running, countOf } = slowQuestions();
  const slow = Array.from({ length: 50 }, () => ask("a"));
  expect(countOf("a")).toBe(8);
  const other = ask("b");
  expect(countOf("b")).toBe(1);
  running.find(({ department }) => department === "b")?.end();
  expect(await other).toBe("answered");
  while (running.length > 0) {
    running.shift()?.end();
    await Promise.resolve();
    await new Promise(setImmediate);
  }
  expect(new Set(await Promise.all(slow))).toEqual(new Set(["answered"]));
});

test("who waits is taken in order and never more run at once than may", async () => {
  const inFlight = createInFlight();
  const order: number[] = [];
  let now = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 100 }, (_, at) =>
      inFlight.run("a", async () => {
        order.push(at);
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now -= 1;
      }),
    ),
  );
  expect(order).toEqual(Array.from({ length: 100 }, (_, at) => at));
  expect(most).toBe(8);
});

test("a flood is told to come back, and a failed question makes room like an answered one", async () => {
  const { ask, running, inFlight } = slowQuestions();
  const asked = Array.from({ length: 108 }, () => ask("a"));
  await expect(ask("a")).rejects.toMatchObject({ code: "busy", status: 503, retryAfterSeconds: 2 });
  while (running.length > 0) {
    running.shift()?.end();
    await new Promise(setImmediate);
  }
  await Promise.all(asked);
  for (let at = 0; at < 200; at += 1)
    await expect(inFlight.run("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await inFlight.run("a", () => Promise.resolve("free"))).toBe("free");
});
