import type { Child } from "hono/jsx";

export interface TableProps {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly Child[])[];
  empty: string;
}

/** A table that scrolls within itself, by keyboard too; a sentence where it would be empty. */
export function Table({ caption, head, rows, empty }: TableProps) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={caption}>
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
          {rows.map((cells) => (
            <tr>
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

/** A state in words; the colour only repeats them. */
export function State({ of }: { of: string }) {
  return <span class={`state state-${of.replaceAll(/[^a-z]/g, "-")}`}>{of.replaceAll("_", " ")}</span>;
}

/** An instant, to the second; a dash where there is none. */
export function Instant({ at }: { at: string | null }) {
  if (at === null) return <span>–</span>;
  const iso = new Date(at).toISOString();
  return <time datetime={iso}>{iso.slice(0, 19).replace("T", " ")} UTC</time>;
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
