import type { FieldError } from "../../errors.ts";
import type { FormSchema } from "../form-from-schema.ts";

interface Given {
  /** What was sent before. */
  form: URLSearchParams;
  errors: readonly FieldError[];
}

/** A field for every property of the schema: fieldsets for objects, boxes for lists, what is wrong beside each. */
export function SchemaFields(
  props: Given & {
    schema: FormSchema;
    path?: string;
    /** The object may be left out, and so may all of it. */
    optional?: boolean;
  },
) {
  const { schema, path = "", optional = false, ...given } = props;
  return (
    <>
      {Object.entries(schema.properties ?? {}).map(([key, field]) => (
        <Field
          {...given}
          field={field}
          path={path + key}
          label={key.replaceAll("_", " ")}
          required={!optional && (schema.required?.includes(key) ?? false)}
        />
      ))}
    </>
  );
}

interface FieldProps extends Given {
  field: FormSchema;
  path: string;
  label: string;
  required: boolean;
}

function Field(props: FieldProps) {
  const { field, path, label, form, errors } = props;
  if (field.properties) {
    return (
      <fieldset>
        <legend>{label}</legend>
        <SchemaFields
          schema={field}
          path={`${path}.`}
          form={form}
          errors={errors}
          optional={!props.required}
        />
      </fieldset>
    );
  }
  if (field.items?.enum) return <Boxes {...props} options={field.items.enum} />;
  return (
    <div class="field">
      <label for={path}>
        {label}
        {props.required && <span class="hint"> (required)</span>}
      </label>
      <Control {...props} />
      <Problems path={path} errors={errors} hint={field.description} />
    </div>
  );
}

function Control({ field, path, form, errors, required }: FieldProps) {
  const value = form.get(path) ?? "";
  const wrong = wrongAt(path, errors).length > 0;
  const shared = {
    id: path,
    name: path,
    "aria-invalid": wrong || undefined,
    "aria-describedby": `${path}-help`,
  };
  const options = field.type === "boolean" ? ["true", "false"] : field.enum;
  if (options) {
    return (
      <select {...shared} required={required}>
        <option value="">{required ? "choose" : "as the default"}</option>
        {options.map((option) => (
          <option value={option} selected={option === value}>
            {option}
          </option>
        ))}
      </select>
    );
  }
  const isNumber = field.type === "number" || field.type === "integer";
  const type = isNumber ? "number" : field.format === "email" ? "email" : "text";
  const bounds = isNumber
    ? { min: field.minimum, max: field.maximum, step: field.type === "integer" ? 1 : "any" }
    : { maxlength: field.maxLength };
  return <input {...shared} {...bounds} type={type} value={value} required={required} />;
}

function Boxes({
  path,
  label,
  form,
  errors,
  options,
  required,
  field,
}: FieldProps & { options: readonly string[] }) {
  const chosen = form.getAll(path);
  return (
    <fieldset aria-describedby={`${path}-help`}>
      <legend>
        {label}
        {required && <span class="hint"> (required)</span>}
      </legend>
      {options.map((option) => (
        <label>
          <input type="checkbox" name={path} value={option} checked={chosen.includes(option)} />
          {option.replaceAll("_", " ")}
        </label>
      ))}
      <Problems path={path} errors={errors} hint={field.description} />
    </fieldset>
  );
}

function Problems({
  path,
  errors,
  hint,
}: {
  path: string;
  errors: readonly FieldError[];
  hint: string | undefined;
}) {
  return (
    <div id={`${path}-help`}>
      {hint !== undefined && <span class="hint">{hint}</span>}
      {wrongAt(path, errors).map(({ message }) => (
        <span class="wrong">{message}</span>
      ))}
    </div>
  );
}

const wrongAt = (path: string, errors: readonly FieldError[]) =>
  errors.filter((error) => error.path === path || error.path.startsWith(`${path}.`));
