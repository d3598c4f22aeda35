import type { Draft } from "./draft.ts";

const gap = { x: 240, y: 180 };
/** A note stands over the whole. */
const above: [number, number] = [0, -240];

/** Where each node stands in the editor: a column per step from the trigger, in it one below the other. */
export function layOut({ nodes, links }: Draft): Map<string, [number, number]> {
  const columns = new Map(nodes.map(({ name }) => [name, 0]));
  // As many rounds as the longest way has nodes; a circle would go on, and is stopped here.
  for (let round = 0, moved = true; moved && round <= nodes.length; round++) {
    moved = false;
    for (const [from, targets] of Object.entries(links)) {
      for (const target of targets) {
        const column = (columns.get(from) ?? 0) + 1;
        if (target === null || (columns.get(target) ?? 0) >= column) continue;
        columns.set(target, column);
        moved = true;
      }
    }
  }
  const rows = new Map<number, number>();
  return new Map(
    nodes.map(({ name, type }): [string, [number, number]] => {
      if (type === "n8n-nodes-base.stickyNote") return [name, above];
      const column = columns.get(name) ?? 0;
      const row = rows.get(column) ?? 0;
      rows.set(column, row + 1);
      return [name, [column * gap.x, row * gap.y]];
    }),
  );
}
