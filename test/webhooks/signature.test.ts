import { describe, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { Secret } from "../../src/crypto/secret.ts";
import { generateSigningKey, importPublicKey, importSigningKey } from "../../src/crypto/signing-key.ts";
import {
  createWebhookSecret,
  type SignedMessage,
  signMessage,
  verifyMessage,
} from "../../src/webhooks/signature.ts";

const secret = createWebhookSecret();
const generated = await generateSigningKey();
const key = await importSigningKey(generated.kid, generated.privateJwk.reveal());
const nowSeconds = Math.floor(Date.now() / 1000);
const text = '{"type":"department.provisioned","data":{"name":"Zürich"}}';
const body = Buffer.from(text);
const byReference = (id: string, at: number, payload = text) =>
  new Webhook(secret.reveal()).sign(id, new Date(at * 1000), payload);
const good: SignedMessage = {
  id: "msg_1",
  timestamp: String(nowSeconds),
  signature: byReference("msg_1", nowSeconds),
  body,
};
const verify = (change: Partial<SignedMessage>, secrets = [secret]) =>
  verifyMessage({ ...good, ...change }, secrets, nowSeconds);

describe("what we sign", () => {
  test("is verified by the reference package, with the old and the new secret while both count", async () => {
    const other = createWebhookSecret();
    const headers = await signMessage(
      { id: "msg_1", timestamp: nowSeconds, body },
      { secrets: [secret, other], key },
    );
    for (const one of [secret, other])
      expect(new Webhook(one.reveal()).verify(text, headers)).toEqual(JSON.parse(text));
    expect(() => new Webhook(createWebhookSecret().reveal()).verify(text, headers)).toThrow();
  });

  test("carries a v1a signature that the published key verifies, over id, time and body", async () => {
    const headers = await signMessage({ id: "msg_1", timestamp: nowSeconds, body }, { secrets: [], key });
    const [version, base64 = ""] = (headers["webhook-signature"] ?? "").split(",");
    const check = async (content: string) =>
      crypto.subtle.verify(
        "Ed25519",
        await importPublicKey(generated.publicKey),
        Buffer.from(base64, "base64"),
        Buffer.from(content),
      );
    expect([version, await check(`msg_1.${nowSeconds}.${text}`)]).toEqual(["v1a", true]);
    expect(await check(`msg_2.${nowSeconds}.${text}`)).toBe(false);
  });

  test("has a secret of 256 bits that no log shows", () => {
    expect(Buffer.from(secret.reveal().replace("whsec_", ""), "base64")).toHaveLength(32);
    expect([String(secret), JSON.stringify({ secret })]).toEqual(["[secret]", '{"secret":"[secret]"}']);
  });
});

describe("what comes in", () => {
  test("is accepted as the reference package signs it, and among other signatures", () => {
    expect(verify({})).toBe(true);
    expect(verify({ signature: `v1a,AAAA v2,BBBB v1,${"A".repeat(43)}= ${good.signature}` })).toBe(true);
    expect(verify({}, [createWebhookSecret(), secret])).toBe(true);
  });

  test("is refused with another secret, body, id or time", () => {
    expect(verify({}, [createWebhookSecret()])).toBe(false);
    expect(verify({}, [])).toBe(false);
    expect(verify({ body: Buffer.from(`${text} `) })).toBe(false);
    expect(verify({ id: "msg_2" })).toBe(false);
    expect(verify({ timestamp: String(nowSeconds - 1) })).toBe(false);
    for (let at = 0; at < body.length * 8; at++) {
      const flipped = Buffer.from(body);
      flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
      expect([at, verify({ body: flipped })]).toEqual([at, false]);
    }
  });

  test("is refused 301 seconds off, and accepted 300 seconds off, on either side", () => {
    for (const [offset, accepted] of [
      [-301, false],
      [-300, true],
      [300, true],
      [301, false],
    ] as const) {
      const at = nowSeconds + offset;
      expect([offset, verify({ timestamp: String(at), signature: byReference("msg_1", at) })]).toEqual([
        offset,
        accepted,
      ]);
    }
  });

  test("is refused with a timestamp that only a lenient reader takes, though its signature fits", () => {
    const spellings = [
      ...[
        ` ${nowSeconds}`,
        `${nowSeconds} `,
        `+${nowSeconds}`,
        `0x${nowSeconds.toString(16)}`,
        `${nowSeconds}.0`,
        `${nowSeconds}.5`,
      ],
      ...[
        `${nowSeconds}abc`,
        `${nowSeconds}e0`,
        `${nowSeconds}000`,
        `00${nowSeconds}`,
        `-${nowSeconds}`,
        "",
        "NaN",
        "Infinity",
        "0",
        "1e10",
      ],
      ...[
        `${nowSeconds}\n`,
        `${nowSeconds},${nowSeconds}`,
        "٠١٢٣٤٥٦٧٨٩",
        new Date(nowSeconds * 1000).toISOString(),
      ],
    ];
    for (const timestamp of spellings) {
      const signature = byReferenceText("msg_1", timestamp);
      expect([timestamp, verify({ timestamp, signature })]).toEqual([timestamp, false]);
    }
  });

  test("is refused with an id that could be cut in another place", () => {
    for (const id of ["", "a.b", `msg.${nowSeconds}`, "a b", "a,b", "é", "x".repeat(256), "a\n"])
      expect([id, verify({ id, signature: byReferenceText(id, good.timestamp) })]).toEqual([id, false]);
  });

  test("is refused under another version, or in another spelling of the signature", () => {
    const value = good.signature.slice(3);
    const spellings = [
      ...["v2", "v1a", "V1", "v0", "v11", ""].map((version) => `${version},${value}`),
      ...[
        value,
        `v1 ${value}`,
        `v1,${value.slice(0, -1)}`,
        `v1,${value}=`,
        `v1,${value},v1`,
        `v1,${value}\t`,
        "v1,",
        "",
      ],
      `v1,${Buffer.from(value, "base64").toString("base64url")}`,
      `v1,${Buffer.from(value, "base64").toString("hex")}`,
      `v1,${value.slice(0, -2)}${String.fromCharCode(value.charCodeAt(42) + 1)}=`,
    ];
    for (const signature of spellings)
      if (signature !== good.signature)
        expect([signature, verify({ signature })]).toEqual([signature, false]);
  });

  test("is refused with more than ten signatures or 4 KB of them, wherever the right one stands", () => {
    const nine = Array.from({ length: 9 }, () => "v1,x");
    expect(verify({ signature: [...nine, good.signature].join(" ") })).toBe(true);
    for (const signature of [
      [...nine, "v1,x", good.signature].join(" "),
      [good.signature, ...nine, "v1,x"].join(" "),
      [good.signature, "x".repeat(4096)].join(" "),
      ["x".repeat(4096), good.signature].join(" "),
      `${good.signature}${" ".repeat(10)}`,
      `${" v1,x".repeat(1_000_000)} ${good.signature}`,
    ])
      expect(verify({ signature })).toBe(false);
  });
});

/** As an attacker who may choose what the signer sees as text. */
function byReferenceText(id: string, timestamp: string): string {
  const hasher = new Bun.CryptoHasher("sha256", Buffer.from(secret.reveal().slice(6), "base64"));
  return `v1,${hasher.update(`${id}.${timestamp}.${text}`).digest("base64")}`;
}

test("a secret of another shape is never used", () => {
  for (const shape of ["whsec_", "whsec_AAAA", secret.reveal().slice(6), ""])
    expect(() => verify({}, [new Secret(shape)])).toThrow(/whsec_/);
});
