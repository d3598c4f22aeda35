#!/usr/bin/env node
// node verify.mjs <directory of an export | proof file> [--key <public key, or several with commas>]
// Needs nothing but Node 20.12 or Bun; exit code 0 = nothing was changed, 8 = something was. A row's hash covers the hash
// before it; checkpoints, signed every minute, say which hash each stream had reached, and cover the checkpoint before.
import crypto from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";

const digest = (bytes) => crypto.hash("sha256", bytes, "buffer");
export const sha256 = (bytes) => crypto.hash("sha256", bytes);
export const genesis = sha256("");
/** Throws an Error with `where`: { stream?, seq?, checkpoint?, file? }. */
export function demand(holds, what, where = {}) {
  if (!holds) throw Object.assign(new Error(what), { where });
}
/** One text for one value: keys sorted, no white space. */
export function canonical(value) {
  const sorted = (item) => Object.fromEntries(Object.entries(item).sort());
  return JSON.stringify(value, (_, item) => (item?.constructor === Object ? sorted(item) : item));
}
const buffer = Buffer.alloc(16 * 1024 * 1024);
let at = 0;
function integer(value) {
  at = buffer.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  at = buffer.writeUInt32BE(value % 2 ** 32, at);
}
function field(text) {
  const length = text === null ? -1 : buffer.write(text, at + 4);
  at = buffer.writeInt32BE(length, at) + Math.max(length, 0);
}
const nibble = (code) => (code < 58 ? code - 48 : code - 87);
function hex(text) {
  for (let i = 0; i < text.length; i += 2) {
    if (text.charCodeAt(i) === 45) i += 1;
    buffer[at++] = (nibble(text.charCodeAt(i)) << 4) | nibble(text.charCodeAt(i + 1));
  }
}
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
function hexField(text, shape) {
  if (text === null) return field(null);
  demand(shape.test(text), "holds what is no id");
  const start = (at += 4);
  hex(text);
  buffer.writeInt32BE(at - start, start - 4);
}

/** The hash, in hex, of a row that comes after the hash `previous`. */
export function rowHash(row, previous) {
  at = buffer.write(previous, 0, "hex");
  hex(row.stream);
  for (const value of [row.seq, row.at_us]) integer(value);
  for (const text of [row.actor, row.actor_kind, row.action, row.target]) field(text);
  hexField(row.department, uuid);
  for (const text of [row.decision, row.reason]) field(text);
  hexField(row.request_id, uuid);
  field(row.meta);
  hexField(row.subject_commit, /^([0-9a-f]{2}){0,64}$/);
  return sha256(buffer.subarray(0, at));
}

/** RFC 6962 §2.1: the leaf of a stream's head, and the node over two, as bytes. */
export function leafHash({ stream, seq, at_us, hash }) {
  at = buffer.writeUInt8(0, 0);
  hex(stream);
  for (const value of [seq, at_us]) integer(value);
  hex(hash);
  return digest(buffer.subarray(0, at));
}
export const nodeHash = (left, right) => digest(Buffer.concat([Buffer.of(1), left, right]));
/** The root over a leaf: `path` is the other half of every level, the lowest first. */
function rootOf(leaf, index, size, path) {
  demand(size > 1 || (index === 0 && path.length === 0), "has another path than its place");
  if (size === 1) return leaf;
  const half = 2 ** Math.floor(Math.log2(size - 1));
  const [rest, sibling] = [path.slice(0, -1), Buffer.from(path.at(-1) ?? "", "hex")];
  if (index < half) return nodeHash(rootOf(leaf, index, half, rest), sibling);
  return nodeHash(sibling, rootOf(leaf, index - half, size - half, rest));
}

/** What is signed: `kind` is "checkpoint" or "manifest". */
export const payloadOf = (kind, body) => Buffer.from(`federation audit ${kind}\n${canonical(body)}`);
export const checkpointHash = (file) => sha256(payloadOf("link", [file.checkpoint, file.signature]));
/** Heads of other departments stand as the hex of their leaves. */
export const changedHash = (changed) =>
  sha256(changed.map((head) => (head.stream ? leafHash(head).toString("hex") : head)).join());
function demandSignature(kind, body, signature, key, where = { checkpoint: body.n }) {
  const jwk = { kty: "OKP", crv: "Ed25519", x: body.public_key };
  const signer = crypto.createPublicKey({ key: jwk, format: "jwk" });
  const isRight = crypto.verify(null, payloadOf(kind, body), signer, Buffer.from(signature, "base64url"));
  demand(isRight, `the signature of the ${kind} is wrong`, where);
  demand(!key || key.split(",").includes(body.public_key), "signed with another key than was given", where);
}

/** Takes all checkpoints, then each stream's rows, then `end`. Rows from before kept_us may be gone. */
export function createVerifier({ from_us = null, until_us = null, kept_us = 0 }) {
  const [heads, gaps] = [new Map(), []];
  let [last, events, checkpoints] = [undefined, 0, 0];
  function marksOf(stream) {
    const gone = gaps.filter((gap) => gap.stream === stream);
    const marks = heads.get(stream) ?? [];
    return marks.filter((head) => !gone.some((gap) => gap.n > head.n && head.seq > gap.kept));
  }
  function demandNone(marks, stream, seq, firstUs = 0) {
    const head = marks.find(({ at_us }) => at_us >= (from_us ?? firstUs) && at_us < (until_us ?? Infinity));
    demand(!head, `is missing: checkpoint ${head?.n} saw ${head?.seq} events`, { stream, seq });
  }
  return {
    checkpoint(file) {
      const { checkpoint: body, changed } = file;
      const where = { checkpoint: body.n };
      const first = [body.n, body.n > 1 ? body.previous : genesis];
      const [n, previous] = last ? [last.checkpoint.n + 1, checkpointHash(last)] : first;
      demand(body.n === n && body.previous === previous, "does not follow the one before", where);
      demand(changedHash(changed) === body.changed, "holds other heads than were signed", where);
      for (const head of changed.filter(({ stream }) => stream)) {
        heads
          .set(head.stream, heads.get(head.stream) ?? [])
          .get(head.stream)
          .push({ ...head, n });
      }
      gaps.push(...body.gaps.map((gap) => ({ ...gap, n: body.n })));
      [last, checkpoints] = [file, checkpoints + 1];
    },
    /** Takes the rows of a stream after `start`, then `end`. */
    stream(stream, start) {
      const marks = marksOf(stream);
      heads.delete(stream);
      let { seq, hash, at_us } = start;
      let next = marks.filter((head) => head.seq < seq).length;
      demandNone(marks.slice(0, next), stream, 1, kept_us);
      const fail = (what) => demand(false, what, { stream, seq });
      function compare() {
        for (; marks[next]?.seq === seq; next += 1)
          if (marks[next].hash !== hash) fail(`is not what checkpoint ${marks[next].n} saw`);
      }
      compare();
      return {
        row(row) {
          [seq, events] = [seq + 1, events + 1];
          if (row.stream !== stream || row.seq !== seq) fail(`is missing: ${row.stream}/${row.seq} is here`);
          if (row.prev !== hash || !(row.at_us > at_us)) fail("does not follow the row before");
          if (row.hash !== rowHash(row, hash)) fail("was changed: its hash is another");
          ({ hash, at_us } = row);
          if (marks[next]?.seq === seq) compare();
        },
        end() {
          demandNone(marks.slice(next), stream, seq + 1);
          return { seq, hash, at_us };
        },
      };
    },
    end() {
      for (const stream of heads.keys()) demandNone(marksOf(stream), stream, 1);
      return { events, checkpoints, gaps, last };
    },
  };
}

function verifyExport(directory, key) {
  const { signature, ...manifest } = JSON.parse(fs.readFileSync(join(directory, "manifest.json"), "utf8"));
  const verifier = createVerifier(manifest.range);
  function* linesOf(name) {
    const bytes = fs.readFileSync(join(directory, name));
    for (const line of bytes.toString().trimEnd().split("\n")) yield JSON.parse(line);
    demand(sha256(bytes) === manifest.files[name], "was changed", { file: name });
  }
  for (const name of manifest.checkpoints) for (const file of linesOf(name)) verifier.checkpoint(file);
  for (const { stream, start, end, files } of manifest.streams) {
    const rows = verifier.stream(stream, start);
    for (const name of files) for (const row of linesOf(name)) rows.row(row);
    demand(canonical(rows.end()) === canonical(end), "is missing: the last rows", { stream, seq: end.seq });
  }
  const { last, ...result } = verifier.end();
  const { last_checkpoint: n } = manifest;
  demand((last?.checkpoint.n ?? null) === n, "is missing", { checkpoint: n });
  if (last) demandSignature("checkpoint", last.checkpoint, last.signature, key);
  demandSignature("manifest", manifest, signature, key, { file: "manifest.json" });
  return { ...result, public_key: manifest.public_key };
}

/** `rows` are the event and those after it up to the head that `checkpoint` saw. */
function verifyProof({ rows, index, path, checkpoint, signature }, key) {
  const { stream, seq, prev } = rows[0];
  const chain = createVerifier({}).stream(stream, { seq: seq - 1, hash: prev, at_us: 0 });
  for (const row of rows) chain.row(row);
  const root = rootOf(leafHash({ stream, ...chain.end() }), index, checkpoint.heads, path);
  demand(root.toString("hex") === checkpoint.root, "is not under the checkpoint", { stream, seq });
  demandSignature("checkpoint", checkpoint, signature, key);
  return { event: rows[0], checkpoint, public_key: checkpoint.public_key };
}

/** Of a directory or a proof file: { ok: true, … }, or { ok: false, what, stream?, seq?, checkpoint?, file? }. */
export function verifyPath(path, key) {
  try {
    const proof = fs.statSync(path).isFile() && JSON.parse(fs.readFileSync(path, "utf8"));
    return { ok: true, ...(proof ? verifyProof(proof, key) : verifyExport(path, key)) };
  } catch (error) {
    return { ok: false, what: error.message, ...error.where };
  }
}

if (import.meta.filename === fs.realpathSync(process.argv[1] ?? ".")) {
  const key = process.argv[3] === "--key" ? process.argv[4] : undefined;
  const result = verifyPath(process.argv[2] ?? ".", key);
  const note = key
    ? "the key is the one given"
    : "the public key came with the files: is it the one you know?";
  console.log(JSON.stringify({ ...result, note }, null, 2));
  process.exit(result.ok ? 0 : 8);
}
