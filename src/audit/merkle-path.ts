import { treeRoot } from "../../templates/audit/verify-export.mjs";

/** The hashes beside the way from leaf `index` up to the root of RFC 6962, from below. */
export function merklePath(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length <= 1) return [];
  const split = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...merklePath(left, index), treeRoot(right)]
    : [...merklePath(right, index - split), treeRoot(left)];
}
