import type { PropsWithChildren } from "hono/jsx";

/**
 * What is read again, from its page or another that has it, every few seconds while `state` lasts; another state loads the page anew. Once it `isOver` nothing
 * of it changes any more.
 */
export function Live(
  props: PropsWithChildren<{ id: string; state: string; isOver: boolean; from?: string }>,
) {
  const { id, state, isOver, from, children } = props;
  return (
    <div id={id} data-refresh={isOver ? undefined : state} data-from={from}>
      {children}
    </div>
  );
}
