// Verifies an export of Federation's audit trail without Federation and without a database; Node 20 or newer, or Bun.
//   node verify-export.mjs audit.ndjson [--key <public key>] [--anchor <directory of checkpoints>]
// A key that somebody kept elsewhere proves who signed; without one the export vouches for its own key, and that is said.
// Lines: {"proof"} of a checkpoint, {"begin"} and events of each stream in order, at the end {"manifest", "signature"}.
import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
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
  return createHash("sha256").update(scratch.subarray(0, at)).digest("hex");
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
  const [split, sibling] = [half(size), path.at(-1)];
  const isLeft = index < split;
  const below = rootOf(
    leaf,
    isLeft ? index : index - split,
    isLeft ? split : size - split,
    path.slice(0, -1),
  );
  if (!below || !sibling) return undefined;
  return isLeft ? nodeHash(below, sibling) : nodeHash(sibling, below);
}

/** What the signature of a checkpoint is over. */
export const checkpointText = ({ n, at_us, previous, size, root, key_id }) =>
  ["federation-audit-checkpoint-1", n, at_us, previous, size, root, key_id].join("\n");

export function isSigned(text, signature, publicKey) {
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url"));
}

/** Replays all checkpoints of a directory: their chain, roots, signatures; answers every head they name. */
export async function readAnchor(directory, problem) {
  const [keys, heads, seen] = [new Map(), new Map(), new Map()];
  let [previous, last] = [genesis, 0];
  const names = (await readdir(directory)).sort();
  for (const name of names.filter((one) => /^key-.+\.json$/.test(one))) {
    const { key_id, public_key } = JSON.parse(await readFile(join(directory, name), "utf8"));
    keys.set(key_id, public_key);
  }
  for (const name of names.filter((one) => /^\d+\.json$/.test(one))) {
    const bytes = await readFile(join(directory, name));
    const checkpoint = JSON.parse(bytes.toString("utf8"));
    for (const [stream, seq, at_us, hash] of checkpoint.heads) {
      heads.set(stream, { stream, seq, at_us, hash });
      seen.set(stream, (seen.get(stream) ?? new Map()).set(seq, hash));
    }
    const leaves = [...heads.keys()].sort().map((stream) => leafHash(heads.get(stream)));
    const key = keys.get(checkpoint.key_id);
    if (checkpoint.n !== last + 1 || checkpoint.previous !== previous)
      problem(`checkpoint ${name} does not follow ${last}`);
    else if (leaves.length !== checkpoint.size || treeRoot(leaves).toString("hex") !== checkpoint.root)
      problem(`checkpoint ${name} has another root than its heads`);
    else if (!key || !isSigned(checkpointText(checkpoint), checkpoint.signature, key))
      problem(`checkpoint ${name} is not signed by a key of the anchor`);
    [previous, last] = [sha256(bytes).toString("hex"), checkpoint.n];
  }
  return { seen, heads, last };
}

/** Follows one stream; `expected` are the hashes that checkpoints name, by seq. */
function follow({ stream, seq, hash }, expected, problem) {
  let atUs = -1;
  const compare = () => {
    const named = expected.size > 0 ? expected.get(seq) : undefined;
    if (named !== undefined && named !== hash)
      problem(`stream ${stream} seq ${seq}: a checkpoint names another hash`);
  };
  compare();
  return {
    add(row) {
      if (row.stream !== stream || row.seq !== seq + 1)
        problem(`stream ${stream} seq ${seq + 1}: missing or out of order`);
      else if (row.at_us <= atUs || rowHash(row, hash) !== row.hash)
        problem(`stream ${stream} seq ${row.seq}: changed`);
      ({ seq, hash, at_us: atUs } = row);
      compare();
    },
    end: () => ({ seq, hash }),
  };
}

/** Verifies an export given as chunks of bytes; `key`: one public key or several; `anchor`: a directory. */
export async function verifyExport(chunks, { key, anchor } = {}) {
  const problems = [];
  const problem = (text) => problems.length < 20 && problems.push(text);
  const anchored = anchor === undefined ? undefined : await readAnchor(anchor, problem);
  const [digest, ends, proofs] = [createHash("sha256"), new Map(), []];
  let [events, rest, current, signed] = [0, Buffer.alloc(0), undefined, undefined];
  const take = (item) => {
    if (item.hash !== undefined) {
      events += 1;
      return current ? current.add(item) : problem("an event before any stream");
    }
    if (item.proof) return proofs.push(item.proof);
    const { begin } = item;
    if (!begin || ends.has(begin.stream)) return problem("a line that is no part of an export");
    const expected = new Map(anchored?.seen.get(begin.stream) ?? []);
    for (const { leaf } of proofs) if (leaf.stream === begin.stream) expected.set(leaf.seq, leaf.hash);
    current = follow(begin, expected, problem);
    ends.set(begin.stream, { begin, end: current.end });
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    let start = 0;
    let hashed = 0;
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
  else checkEnd(signed, { problem, key, digest: digest.digest("hex"), ends, proofs, anchored, events });
  const checkpoint = anchored?.last ?? Math.max(0, ...proofs.map((proof) => proof.checkpoint.n));
  const [first_bad] = problems;
  return {
    ok: problems.length === 0,
    events,
    streams: ends.size,
    problems,
    first_bad,
    pinned: key !== undefined,
    checkpoint,
  };
}

function checkEnd({ manifest: text, signature }, { problem, key, digest, ends, proofs, anchored, events }) {
  const manifest = JSON.parse(text);
  const keys = key === undefined ? Object.values(manifest.keys) : [key].flat();
  const isTrusted = (message, by) => keys.some((one) => isSigned(message, by, one));
  if (!isTrusted(text, signature)) problem("the manifest is not signed by a trusted key");
  if (manifest.sha256 !== digest || manifest.events !== events)
    problem("the bytes are not those the manifest names");
  if (Object.keys(manifest.streams).length !== ends.size) problem("a stream is missing or added");
  for (const [stream, { after_seq, previous, last_seq, hash }] of Object.entries(manifest.streams)) {
    const found = ends.get(stream);
    const end = found?.end();
    if (
      end?.seq !== last_seq ||
      end.hash !== hash ||
      found.begin.seq !== after_seq ||
      found.begin.hash !== previous
    )
      problem(`stream ${stream}: ends or begins elsewhere than the manifest says`);
  }
  const lastOf = (stream) => ends.get(stream)?.end().seq ?? 0;
  for (const { stream, seq } of manifest.complete && manifest.whole ? (anchored?.heads.values() ?? []) : [])
    if (lastOf(stream) < seq)
      problem(
        `stream ${stream}: ends at ${lastOf(stream)}, a checkpoint knows ${seq}: cut, or restored from an older backup`,
      );
  for (const { checkpoint, leaf, index, path } of proofs) {
    const root = rootOf(
      leafHash(leaf),
      index,
      checkpoint.size,
      path.map((hash) => Buffer.from(hash, "hex")),
    );
    if (root?.toString("hex") !== checkpoint.root)
      problem(`stream ${leaf.stream}: not in checkpoint ${checkpoint.n}`);
    else if (!isTrusted(checkpointText(checkpoint), checkpoint.signature))
      problem(`checkpoint ${checkpoint.n} is not signed by a trusted key`);
    else if (manifest.complete && lastOf(leaf.stream) < leaf.seq)
      problem(`stream ${leaf.stream}: cut before checkpoint ${checkpoint.n}`);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [file, ...options] = process.argv.slice(2);
  const given = (name) =>
    options.includes(name) ? { [name.slice(2)]: options[options.indexOf(name) + 1] } : {};
  const result = await verifyExport(createReadStream(file), { ...given("--key"), ...given("--anchor") });
  console.log(JSON.stringify(result, null, 2));
  if (!result.pinned)
    console.log("No --key was given: the signatures were checked with the key that came with the export.");
  process.exitCode = result.ok ? 0 : 1;
}
