import type { ConfigChange } from "../../departments/config/diff.ts";
import { Table } from "./table.tsx";

/** What differs between two documents, by path. */
export function Changes({ caption, changes }: { caption: string; changes: readonly ConfigChange[] }) {
  return (
    <Table
      caption={caption}
      head={["Where", "Change", "Before", "After"]}
      empty="Nothing differs."
      rows={changes.map(({ path, change, from, to }) => [
        <code>{path}</code>,
        change,
        <code>{from === undefined ? "" : JSON.stringify(from)}</code>,
        <code>{to === undefined ? "" : JSON.stringify(to)}</code>,
      ])}
    />
  );
}
