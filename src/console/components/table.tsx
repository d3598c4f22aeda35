import type { Child } from "hono/jsx";

export interface TableProps {
  caption: string;
  head: readonly string[];
  /** Cells, row by row; the first of a row names it. */
  rows: readonly (readonly Child[])[];
  empty: Child;
}

/** A table that scrolls inside itself on a narrow screen. */
export function Table({ caption, head, rows, empty }: TableProps) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <div class="scroll" role="region" aria-label={caption} tabindex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells]) => (
            <tr>
              <th scope="row">{name}</th>
              {cells.map((cell) => (
                <td>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
