// Verifies an export of Federation's audit trail without Federation and without a database; Node 20 or newer, or Bun.
//   node verify-export.mjs audit.ndjson [--key <public key>] [--anchor <directory of checkpoints>]
// A key that somebody kept elsewhere proves who signed; without one the export vouches for its own key, and that is said.
// Lines: {"proof"} of a checkpoint, {"begin"} and events of each stream in order, at the end {"manifest", "signature"}.
import crypto, { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Events stay for 24 months at least. */
const keptMs = 729 * 86_400_000;
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const hexOf = crypto.hash
  ? (bytes) => crypto.hash("sha256", bytes)
  : (bytes) => sha256(bytes).toString("hex");
export const genesis = sha256("").toString("hex");

let scratch = Buffer.allocUnsafe(1 << 16);
const raw = (text, at) => at + scratch.write(text, at, "hex");
const utf8 = (text, at) => at + scratch.write(text, at);
const uuid = (text, at) => raw(text.replaceAll("-", ""), at);
const int8 = (value, at) =>
  scratch.writeUInt32BE(value % 2 ** 32, scratch.writeUInt32BE(Math.floor(value / 2 ** 32), at));
/** Length-prefixed, so that no two rows spell the same bytes; null has the length -1. */
const field = (value, at, write = utf8) => {
  if (value === null || value === undefined) return scratch.writeInt32BE(-1, at);
  const end = write(value, at + 4);
  scratch.writeInt32BE(end - at - 4, at);
  return end;
};

/** The hash of a row: of its predecessor's hash and all its fields. */
export function rowHash(row, previous) {
  const letters = row.actor.length + (row.target?.length ?? 0) + (row.reason?.length ?? 0) + row.meta.length;
  const most = 3 * letters + (row.subject_commit?.length ?? 0) + 1024;
  if (scratch.length < most) scratch = Buffer.allocUnsafe(2 * most);
  let at = int8(row.at_us, int8(row.seq, uuid(row.stream, raw(previous, 0))));
  at = field(row.target, field(row.action, field(row.actor_kind, field(row.actor, at))));
  at = field(row.reason, field(row.decision, field(row.department, at, uuid)));
  at = field(row.subject_commit, field(row.meta, field(row.request_id, at, uuid)), raw);
  return hexOf(scratch.subarray(0, at));
}

/** RFC 6962: leaves and nodes hash differently. */
export const leafHash = ({ stream, seq, at_us, hash }) =>
  sha256(scratch.subarray(0, raw(hash, int8(at_us, int8(seq, uuid(stream, scratch.writeUInt8(0, 0)))))));
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const half = (size) => 2 ** (Math.ceil(Math.log2(size)) - 1);

export function treeRoot(leaves) {
  if (leaves.length <= 1) return leaves[0] ?? sha256("");
  const split = half(leaves.length);
  return nodeHash(treeRoot(leaves.slice(0, split)), treeRoot(leaves.slice(split)));
}

/** The root that a leaf and the hashes beside its way, from below, lead to. */
function rootOf(leaf, index, size, path) {
  if (size <= 1) return path.length === 0 && index === 0 ? leaf : undefined;
  const [split, sibling, rest] = [half(size), path.at(-1), path.slice(0, -1)];
  const isLeft = index < split;
  const below = rootOf(leaf, isLeft ? index : index - split, isLeft ? split : size - split, rest);
  if (!below || !sibling) return undefined;
  return isLeft ? nodeHash(below, sibling) : nodeHash(sibling, below);
}

/** What the signature of a checkpoint is over. */
export const checkpointText = ({ n, at_us, previous, size, root, key_id }) =>
  ["federation-audit-checkpoint-1", n, at_us, previous, size, root, key_id].join("\n");

/** Whether one of these Ed25519 keys signed it. */
export const isSigned = (text, signature, publicKeys) =>
  publicKeys
    .map((x) => createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }))
    .some((key) => verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url")));

/** Replays a directory of checkpoints: chain, roots, signatures (by `trusted`, else by its own keys); answers their heads. */
export async function readAnchor(directory, problem, trusted) {
  const [keys, heads, seen, gaps] = [[], new Map(), new Map(), []];
  let [previous, last] = [genesis, 0];
  for (const name of (await readdir(directory)).sort()) {
    const bytes = await readFile(join(directory, name));
    if (/^0-key-.+\.json$/.test(name)) keys.push(JSON.parse(bytes.toString("utf8")).public_key);
    if (!/^\d+\.json$/.test(name)) continue;
    const checkpoint = JSON.parse(bytes.toString("utf8"));
    for (const [stream, seq, at_us, hash] of checkpoint.heads) {
      const [named, before] = [seen.get(stream) ?? new Map(), heads.get(stream)?.seq ?? 0];
      if (seq < before)
        gaps.push(`stream ${stream}: ${seq + 1} to ${before} are gone since checkpoint ${checkpoint.n}`);
      for (const later of named.keys()) if (later > seq) named.delete(later);
      seen.set(stream, named.set(seq, { hash, at_us }));
      heads.set(stream, { stream, seq, at_us, hash });
    }
    const leaves = [...heads.keys()].sort().map((stream) => leafHash(heads.get(stream)));
    if (checkpoint.n !== last + 1 || checkpoint.previous !== previous)
      problem(`checkpoint ${name} does not follow ${last}`);
    else if (leaves.length !== checkpoint.size || treeRoot(leaves).toString("hex") !== checkpoint.root)
      problem(`checkpoint ${name} has another root than its heads`);
    else if (!isSigned(checkpointText(checkpoint), checkpoint.signature, trusted ?? keys))
      problem(`checkpoint ${name} is not signed by a trusted key`);
    [previous, last] = [sha256(bytes).toString("hex"), checkpoint.n];
  }
  return { seen, heads, last, gaps };
}

/** Follows one stream; `expected` are the hashes that checkpoints name, by seq. `span` is what the manifest says of it. */
function follow({ stream, seq, hash }, expected, problem) {
  const span = { after_seq: seq, previous: hash, last_seq: seq, hash };
  let atUs = -1;
  const isNamed = () => expected.size === 0 || (expected.get(span.last_seq)?.hash ?? span.hash) === span.hash;
  if (!isNamed()) problem(`stream ${stream} seq ${seq}: a checkpoint names another hash`);
  const add = (row) => {
    const at = `stream ${stream} seq ${span.last_seq + 1}`;
    if (row.stream !== stream || row.seq !== span.last_seq + 1) problem(`${at}: missing or out of order`);
    else if (row.at_us <= atUs || rowHash(row, span.hash) !== row.hash) problem(`${at}: changed`);
    [span.last_seq, span.hash, atUs] = [row.seq, row.hash, row.at_us];
    if (!isNamed()) problem(`${at}: a checkpoint names another hash`);
  };
  return { span, add };
}

/** Verifies an export given as chunks of bytes; `key`: one public key or several; `anchor`: a directory. */
export async function verifyExport(chunks, { key, anchor } = {}) {
  const problems = [];
  const problem = (text) => problems.length < 20 && problems.push(text);
  const pinned = key === undefined ? undefined : [key].flat();
  const anchored = anchor === undefined ? undefined : await readAnchor(anchor, problem, pinned);
  const [digest, spans, proofs] = [createHash("sha256"), new Map(), []];
  let [events, rest, current, signed] = [0, Buffer.alloc(0), undefined, undefined];
  const take = (item) => {
    if (item.hash) return (events++, current ? current.add(item) : problem("no stream has begun"));
    if (item.proof) return proofs.push(item.proof);
    const { begin } = item;
    if (!begin || spans.has(begin.stream)) return problem("a line that is no part of an export");
    const expected = new Map(anchored?.seen.get(begin.stream) ?? []);
    for (const { leaf } of proofs) if (leaf.stream === begin.stream) expected.set(leaf.seq, leaf);
    current = follow(begin, expected, problem);
    spans.set(begin.stream, current.span);
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    let [start, hashed] = [0, 0];
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      const item = JSON.parse(bytes.toString("utf8", start, end));
      if (signed) problem("something stands behind the manifest");
      else if (item.manifest === undefined) [hashed] = [end + 1, take(item)];
      else signed = item;
      start = end + 1;
    }
    digest.update(bytes.subarray(0, hashed));
    rest = bytes.subarray(start);
  }
  if (!signed || rest.length > 0) problem("the export is cut: there is no manifest at its end");
  else checkEnd(signed, { problem, pinned, digest: digest.digest("hex"), spans, proofs, anchored, events });
  const checkpoint = anchored?.last ?? Math.max(0, ...proofs.map((proof) => proof.checkpoint.n));
  const [gaps, streams, first_bad] = [anchored?.gaps ?? [], spans.size, problems[0]];
  const ok = problems.length + gaps.length === 0;
  return { ok, events, streams, checkpoint, pinned: pinned !== undefined, first_bad, problems, gaps };
}

function checkEnd(signed, { problem, pinned, digest, spans, proofs, anchored, events }) {
  const { manifest: text, signature } = signed;
  const manifest = JSON.parse(text);
  const keys = pinned ?? Object.values(manifest.keys);
  if (!isSigned(text, signature, keys)) problem("the manifest is not signed by a trusted key");
  if (manifest.sha256 !== digest || manifest.events !== events) problem("other bytes than were signed");
  if (Object.keys(manifest.streams).length !== spans.size) problem("a stream is missing or added");
  for (const [stream, span] of Object.entries(manifest.streams))
    if (JSON.stringify(spans.get(stream)) !== JSON.stringify(span))
      problem(`stream ${stream}: begins or ends elsewhere than the manifest says`);
  const lastOf = (stream) => spans.get(stream)?.last_seq ?? 0;
  const oldestUs = (Date.parse(manifest.made_at) - keptMs) * 1000;
  for (const [stream, named] of manifest.complete ? (anchored?.seen ?? []) : []) {
    if (!manifest.whole && !spans.has(stream)) continue;
    const [end, begin] = [lastOf(stream), spans.get(stream)?.after_seq ?? 0];
    const last = Math.max(...named.keys());
    if (end < last) problem(`stream ${stream}: cut at ${end} of ${last}, or restored from an older backup`);
    if (begin > 0 && ![...named].some(([seq, { at_us }]) => seq >= begin && at_us <= oldestUs))
      problem(`stream ${stream}: begins after ${begin}, though nothing so young may leave`);
  }
  for (const { checkpoint, leaf, index, path } of proofs) {
    const beside = path.map((hash) => Buffer.from(hash, "hex"));
    const root = rootOf(leafHash(leaf), index, checkpoint.size, beside)?.toString("hex");
    if (root !== checkpoint.root) problem(`stream ${leaf.stream}: not in checkpoint ${checkpoint.n}`);
    else if (!isSigned(checkpointText(checkpoint), checkpoint.signature, keys))
      problem(`checkpoint ${checkpoint.n} is not signed by a trusted key`);
    else if (manifest.complete && lastOf(leaf.stream) < leaf.seq)
      problem(`stream ${leaf.stream}: cut before checkpoint ${checkpoint.n}`);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [file, ...options] = process.argv.slice(2);
  const valueOf = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined);
  const [key, anchor] = [valueOf("--key"), valueOf("--anchor")];
  const result = await verifyExport(createReadStream(file), { key, anchor });
  console.log(JSON.stringify(result, null, 2));
  if (!result.pinned) console.log("No --key was given: signatures were checked with the keys in the file.");
  process.exitCode = result.ok ? 0 : 1;
}
