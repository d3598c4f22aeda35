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
  for (const text of [String(secret), inspect(secret), Bun.inspect(secret), secret.toJSON()])
    expect(text).toBe("[secret]");
});

test("neither the console nor an uncaught error shows a secret", () => {
  const program = `
    import { Secret } from ${JSON.stringify(Bun.resolveSync("../../src/crypto/secret.ts", import.meta.dir))};
    const s = new Secret(atob("${btoa(mark)}"));
    console.log(s, [s], { s }, new Map([[s, s]]), \`\${s}\`);
    console.error("%s %o %O %j", s, s, s, s);
    console.dir({ s }, { depth: 9, showHidden: true });
    console.table([{ s }]);
    throw Object.assign(new Error("ended", { cause: s }), { s });`;
  const { stdout, stderr, exitCode } = Bun.spawnSync([process.execPath, "-e", program]);
  expect(exitCode).toBe(1);
  expect(`${stdout}`).toContain("[secret]");
  expect(`${stderr}`).toContain("ended");
  expect(`${stdout}${stderr}`).not.toContain(mark);
});

test("a logged secret is not in the log", () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, next) {
      lines.push(chunk.toString());
      next();
    },
  });
  const log = createLog({ logLevel: "debug" }, "test", { destination: sink });
  const secret = new Secret(mark);
  log.info({ secret, nested: { list: [secret] } }, `it is ${secret}`);
  log.error({ err: new Error("failed", { cause: secret }) }, "failed");
  expect(lines).toHaveLength(2);
  expect(lines.join()).not.toContain(mark);
});
