import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { type CallToSeal, createSealer, padsOf } from "../../src/crypto/call-seal.ts";

const key = createHash("sha256").update("a test's key").digest();
const sealer = createSealer(key);
const call: CallToSeal = {
  caller: "0190a000-0000-7000-8000-000000000001",
  client: "0190a000-0000-7000-8000-000000000002",
  target: "hr",
  requestId: "0190a000-0000-7000-8000-000000000003",
  expiresUs: 1_800_000_000_000_000n,
  kind: "search_documents",
  params: '{"text":"ünïcödé"}',
  reason: "a reason",
  requester: '{"user":"ann"}',
};
const sha256 = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const ids = (...uuids: string[]) => Buffer.from(uuids.join("").replaceAll("-", ""), "hex");

test("a seal is what the database computes from the two pads", () => {
  const { inner, outer } = padsOf(key);
  expect([inner.length, outer.length]).toEqual([64, 64]);
  const expires = Buffer.from("0006651728988000", "hex");
  const digests = [call.target, call.kind, call.params, call.reason, call.requester].map((text) =>
    sha256(text),
  );
  const message = Buffer.concat([ids(call.caller, call.client, call.requestId), expires, ...digests]);
  expect(sealer.sealCall(call).toString("hex")).toBe(sha256(outer, sha256(inner, message)).toString("hex"));
  const own = sha256(outer, sha256(inner, ids(call.caller), expires)).toString("hex");
  expect(sealer.sealOwn(call.caller, call.expiresUs)).toBe(`1800000000000000.${own}`);
});

test("every part of a call changes its seal, and so does the key", () => {
  const others: Partial<CallToSeal>[] = [
    { caller: call.client },
    { client: call.caller },
    { target: call.caller },
    { requestId: call.caller },
    { expiresUs: call.expiresUs + 1n },
    { kind: "get_document" },
    { params: "{}" },
    { reason: "" },
    { requester: "{}" },
    { reason: call.requester, requester: call.reason },
    { kind: call.params, params: call.kind },
    { kind: "search_document", params: `s${call.params}` },
  ];
  const seals = [call, ...others.map((other) => ({ ...call, ...other }))].map((one) =>
    sealer.sealCall(one).toString("hex"),
  );
  seals.push(createSealer(sha256("another key")).sealCall(call).toString("hex"));
  expect(new Set(seals).size).toBe(seals.length);
});

test("what is no uuid is not sealed: bytes cannot move from one id into the next", () => {
  const { caller, client, requestId } = call;
  const shifted = { ...call, client: "", requestId: client + requestId };
  for (const bad of [shifted, { ...call, caller: `${caller}00` }, { ...call, client: "zz" }])
    expect(() => sealer.sealCall(bad)).toThrow("uuid");
  expect(() => sealer.sealOwn("", 1n)).toThrow("uuid");
  expect(sealer.sealCall({ ...call, caller: caller.toUpperCase() })).toEqual(sealer.sealCall(call));
});
