import type { z } from "zod";
import type { configChange } from "../../departments/config/config-change.ts";
import { Table } from "./table.tsx";

/** What differs between two documents, by path. */
export function Changes(props: { caption: string; changes: readonly z.infer<typeof configChange>[] }) {
  return (
    <Table
      caption={props.caption}
      head={["Where", "Change", "Before", "After"]}
      empty="Nothing differs."
      rows={props.changes.map(({ path, change, from, to }) => [
        <code>{path}</code>,
        change,
        <code>{from === undefined ? "" : JSON.stringify(from)}</code>,
        <code>{to === undefined ? "" : JSON.stringify(to)}</code>,
      ])}
    />
  );
}
