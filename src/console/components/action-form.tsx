import type { Child } from "hono/jsx";
import { Command } from "./command.tsx";
import { Form } from "./form.tsx";

export interface ActionFormProps {
  action: string;
  button: string;
  /** What the button is about, where the same word stands in every row. */
  about?: string;
  /** What does the same in a terminal, or through the API. */
  command?: string;
  children?: Child;
}

/** A form that does one thing, with the command that would do the same. */
export function ActionForm({ action, button, about, command, children }: ActionFormProps) {
  return (
    <Form action={action}>
      {children}
      <button type="submit" aria-label={about && `${button} ${about}`}>
        {button}
      </button>
      {command === undefined ? null : <Command>{command}</Command>}
    </Form>
  );
}

/** Makes a form one that is taken once: a reload of its answer sends the same number again. */
export const OnceField = () => <input type="hidden" name="once" value={crypto.randomUUID()} />;

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
