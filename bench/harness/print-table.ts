import type { BenchTable, Cell } from "./bench.ts";

/** The table as text with aligned columns; the first column to the left, figures to the right. */
export function printTable(table: BenchTable): string {
  const lines = [table.columns, ...table.rows.map((row) => row.map(cellText))];
  const widths = table.columns.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [table.title, text[0], rule, ...text.slice(1), ""].join("\n");
}

function cellText(cell: Cell): string {
  if (cell === null || (typeof cell === "number" && Number.isNaN(cell))) return "-";
  if (typeof cell === "string") return cell;
  return Math.abs(cell) >= 100 ? cell.toFixed(0) : cell.toFixed(2);
}
