import { cannotProcess } from "./call.ts";

export interface Paging {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

const pageSize = 100;

interface Placed {
  id: string;
  createdAt: number;
}

/** A Relay connection; a cursor names the item it stands at, and still leads on when that is gone. */
export function pageOf<Item extends Placed>(all: readonly Item[], paging: Paging) {
  const from = paging.after ? placeOf(all, paging.after).next : 0;
  const to = paging.before ? placeOf(all, paging.before).at : all.length;
  const between = all.slice(from, to);
  const page = paging.last
    ? between.slice(-paging.last)
    : between.slice(0, Math.max(0, paging.first ?? pageSize));
  const edges = page.map((node) => ({ cursor: cursorOf(node), node }));
  const [first] = page;
  const last = page.at(-1);
  return {
    edges,
    pageInfo: {
      hasNextPage: last !== undefined && all.at(-1) !== last,
      hasPreviousPage: first !== undefined && all[0] !== first,
      startCursor: edges[0]?.cursor,
      endCursor: edges.at(-1)?.cursor,
    },
  };
}

const cursorOf = ({ id, createdAt }: Placed) => Buffer.from(`${createdAt} ${id}`).toString("base64url");

function placeOf(all: readonly Placed[], cursor: string): { at: number; next: number } {
  const [createdAt, id] = Buffer.from(cursor, "base64url").toString().split(" ");
  if (!id || Number.isNaN(Number(createdAt))) throw cannotProcess();
  const at = all.findIndex((item) => item.id === id);
  if (at >= 0) return { at, next: at + 1 };
  const later = all.findIndex((item) => item.createdAt > Number(createdAt));
  const gap = later < 0 ? all.length : later;
  return { at: gap, next: gap };
}
