import type { Child } from "hono/jsx";
import { CsrfField } from "./csrf.tsx";
import { FedCommand } from "./fed-command.tsx";

export interface ActionFormProps {
  action: string;
  button: string;
  /** Says what the button does where the same word stands in every row. */
  label?: string;
  fed?: string;
  children?: Child;
}

/** A form that does one thing, with the command that would do the same. */
export function ActionForm({ action, button, label, fed, children }: ActionFormProps) {
  return (
    <form method="post" action={action} class="action">
      <CsrfField />
      {children}
      <button type="submit" aria-label={label}>
        {button}
      </button>
      {fed === undefined ? null : <FedCommand text={fed} />}
    </form>
  );
}

export interface FieldProps {
  label: string;
  name: string;
  type?: string;
  value?: string | undefined;
  required?: boolean;
  min?: number;
  max?: number;
  placeholder?: string;
}

/** A labelled field. */
export function Field({ label, name, type = "text", ...rest }: FieldProps) {
  return (
    <label>
      <span>{label}</span>
      <input name={name} type={type} autocomplete="off" {...rest} />
    </label>
  );
}

/** A labelled choice; the first one stands for "any" where it is empty. */
export function Choice(props: {
  label: string;
  name: string;
  options: readonly string[];
  value?: string | undefined;
}) {
  return (
    <label>
      <span>{props.label}</span>
      <select name={props.name}>
        {props.options.map((option) => (
          <option value={option} selected={option === props.value}>
            {option === "" ? "any" : option}
          </option>
        ))}
      </select>
    </label>
  );
}
