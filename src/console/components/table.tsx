import type { Child, PropsWithChildren } from "hono/jsx";

/** A table that scrolls inside itself on a narrow screen. Rows are `<tr>`. */
export function Table(
  props: PropsWithChildren<{ caption: string; columns: readonly string[]; empty: Child }>,
) {
  const { caption, columns, empty, children } = props;
  const isEmpty = !children || (Array.isArray(children) && children.flat().length === 0);
  if (isEmpty) return <p class="empty">{empty}</p>;
  return (
    <div class="scroll" role="region" aria-label={caption} tabindex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col">{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
