import { afterEach, beforeEach, expect, test } from "bun:test";
import { createTokenSource } from "../../templates/agent/token.ts";
import { startStubPlatform, type StubPlatform } from "./stub-platform.ts";

let platform: StubPlatform;
let nowMs: number;

beforeEach(() => {
  platform = startStubPlatform();
  nowMs = 0;
});
afterEach(() => platform.close());

const source = () =>
  createTokenSource(
    { platformUrl: platform.url, keyId: "k", keySecret: "s" },
    { nowMs: () => nowMs, timeoutSeconds: 0.2, backoffSeconds: 1 },
  );

test("callers that come at once share one request", async () => {
  const token = source();
  const all = await Promise.all(Array.from({ length: 20 }, () => token.get()));
  expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(1);
  expect(platform.countOf("/token")).toBe(1);
  expect(platform.requests[0]?.body).toEqual({
    grant_type: "client_credentials",
    client_id: "k",
    client_secret: "s",
  });
});

test("a token is renewed at 80 % of its life", async () => {
  platform.state.tokenSeconds = 100;
  const token = source();
  const first = await token.get();
  nowMs = 79_999;
  expect(await token.get()).toBe(first);
  nowMs = 80_000;
  expect(await token.get()).not.toBe(first);
});

test("dropping an old token does not forget the new one", async () => {
  const token = source();
  const first = await token.get();
  token.drop(first);
  const second = await token.get();
  token.drop(first);
  expect(await token.get()).toBe(second);
});

test("after a failure the platform is left alone for a while that doubles", async () => {
  platform.state.tokenStatus = 500;
  const token = source();
  await expect(token.get()).rejects.toThrow("gave no token");
  nowMs = 999;
  await token.get().catch(() => {});
  expect(platform.countOf("/token")).toBe(1);
  nowMs = 1000;
  await token.get().catch(() => {});
  nowMs = 2999;
  await token.get().catch(() => {});
  expect(platform.countOf("/token")).toBe(2);
  platform.state.tokenStatus = 200;
  nowMs = 3000;
  expect((await token.get()).scope).toBe("self:check query");
});

test("a platform that does not answer in time is an error, not a hang", async () => {
  platform.state.delaySeconds = 5;
  expect(
    await source()
      .get()
      .catch((error: Error) => error.message),
  ).toBe("The platform does not answer.");
});
