import type { Child } from "hono/jsx";
import { Table as Frame } from "../components/table.tsx";

export interface TableProps {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly Child[])[];
  empty: string;
}

/** A table of cells, row by row. */
export function Table({ caption, head, rows, empty }: TableProps) {
  return (
    <Frame caption={caption} columns={head} empty={empty}>
      {rows.map((cells) => (
        <tr>
          {cells.map((cell) => (
            <td>{cell}</td>
          ))}
        </tr>
      ))}
    </Frame>
  );
}
