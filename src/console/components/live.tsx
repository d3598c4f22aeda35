import type { PropsWithChildren } from "hono/jsx";

/**
 * What is read again every few seconds while `state` lasts; another state loads the page anew. Once it `isOver` nothing
 * of it changes any more.
 */
export function Live(props: PropsWithChildren<{ id: string; state: string; isOver: boolean }>) {
  const { id, state, isOver, children } = props;
  return (
    <div id={id} data-refresh={isOver ? undefined : state}>
      {children}
    </div>
  );
}
