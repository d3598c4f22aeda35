import { type PropsWithChildren, useContext } from "hono/jsx";
import { Command } from "./command.tsx";
import { FormToken } from "./form-token.ts";

/** A form that posts to a route of the console, with the session's token. */
export function Form({ action, children }: PropsWithChildren<{ action: string }>) {
  const token = useContext(FormToken);
  return (
    <form method="post" action={action}>
      <input type="hidden" name="form_token" value={token} />
      {children}
    </form>
  );
}

/**
 * An action that is asked about before it is done: closed until opened, then said in words, with the command that does
 * the same. `word` has to be typed; the route checks it with `confirmed`.
 */
export function ConfirmForm(
  props: PropsWithChildren<{
    action: string;
    label: string;
    command: string;
    danger?: boolean;
    word?: string;
  }>,
) {
  const { action, label, command, danger, word, children } = props;
  return (
    <details class={danger ? "action danger" : "action"}>
      <summary>{label}</summary>
      <Form action={action}>
        {children}
        {word !== undefined && (
          <label>
            Type <code>{word}</code> to confirm
            <input name="confirm" required autocomplete="off" spellcheck={false} />
          </label>
        )}
        <Command>{command}</Command>
        <button type="submit">{label}</button>
      </Form>
    </details>
  );
}
