import { expect, test } from "bun:test";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { Secret } from "../../src/crypto/secret.ts";
import { createLog } from "../../src/log.ts";

const mark = "s3cr3t-m4rk";

test("a secret gives itself away only when it is revealed", () => {
  const secret = new Secret(mark);
  expect(secret.reveal()).toBe(mark);
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret, { showHidden: true, depth: 9 }),
    Bun.inspect({ nested: [secret] }),
    JSON.stringify(Object.entries(secret)),
    Object.getOwnPropertyNames(secret).join(),
    new Error(`with ${secret}`).message,
    JSON.stringify(structuredClone({ ...secret })),
  ];
  for (const text of shown) expect(text).not.toContain(mark);
});

test("a logged secret is not in the log", () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, next) {
      lines.push(chunk.toString());
      next();
    },
  });
  const log = createLog({ logLevel: "debug" }, "test", sink);
  const secret = new Secret(mark);
  log.info({ secret, nested: { list: [secret] } }, `it is ${secret}`);
  log.error({ err: new Error("failed", { cause: secret }) }, "failed");
  expect(lines).toHaveLength(2);
  expect(lines.join()).not.toContain(mark);
});
