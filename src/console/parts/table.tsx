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

/** The way to the rest of a list. */
export function Further({ path, query, cursor }: FurtherProps) {
  if (cursor === null) return null;
  const left = Object.entries(query).filter(([name, value]) => name !== "cursor" && value !== "");
  const search = new URLSearchParams([...left, ["cursor", cursor]]);
  return (
    <p>
      <a href={`${path}?${search}`}>Further entries</a>
    </p>
  );
}

interface FurtherProps {
  path: string;
  query: Readonly<Record<string, string>>;
  cursor: string | null;
}
