import type { Context } from "hono";
import { departmentConfigJsonSchema, provisionRequest } from "../../config-schema/department.ts";
import { planDepartment } from "../../departments/plan.ts";
import { provisionDepartment } from "../../departments/provision.ts";
import { type FieldError, FederationError } from "../../errors.ts";
import { invalid } from "../../http/validate.ts";
import { Form } from "../components/form.tsx";
import { Command } from "../components/command.tsx";
import { PlanPreview } from "../components/plan-preview.tsx";
import { SchemaFields } from "../components/schema-fields.tsx";
import { flash } from "../cookies.ts";
import { consoleCtx, type ConsoleEnv, consoleFactory } from "../env.ts";
import { documentOf, type FormSchema } from "../form-from-schema.ts";
import { renderPage } from "../render-page.tsx";

type Sent = Context<ConsoleEnv>;
interface Answer {
  errors?: readonly FieldError[];
  wrong?: string;
  plan?: Awaited<ReturnType<typeof planDepartment>>;
}

export const getNew = consoleFactory.createHandlers((c) => formPage(c, {}));

/** `do=plan` shows what would happen, `do=provision` does it; what is wrong comes back beside its field. */
export const postNew = consoleFactory.createHandlers(async (c) => {
  const parsed = provisionRequest.safeParse(documentOf(schemaOf(c), c.var.form));
  if (!parsed.success) return refused(c, invalid(parsed.error));
  try {
    if (c.var.form.get("do") !== "provision")
      return await formPage(c, { plan: await planDepartment(consoleCtx(c), parsed.data) });
    const { provisioning_id: run } = await provisionDepartment(consoleCtx(c), parsed.data);
    flash(c, "The department is being made.");
    return c.redirect(`/runs/${run}`, 303);
  } catch (error) {
    if (error instanceof FederationError && (error.status === 409 || error.status === 422))
      return refused(c, error);
    throw error;
  }
});

function refused(c: Sent, error: FederationError) {
  c.status(error.status === 409 ? 409 : 422);
  return formPage(c, { errors: error.errors, wrong: error.message });
}

/** The published schema, which is made of ours, as the form reads it. */
function schemaOf(c: Sent): FormSchema {
  const { $schema: _, ...schema } = departmentConfigJsonSchema(c.var.deps.config.publicUrl);
  return schema as FormSchema;
}

function formPage(c: Sent, { errors = [], wrong, plan }: Answer) {
  const { form } = c.var;
  return renderPage(
    c,
    { title: "New department", current: "/new" },
    <Form action="/new">
      {wrong !== undefined && (
        <div class="problem" role="alert">
          <p>{wrong}</p>
          <ul>
            {errors.map(({ path, message }) => (
              <li>
                <a href={`#${path}`}>{path}</a> {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      {plan && <PlanPreview plan={plan} />}
      <SchemaFields schema={schemaOf(c)} form={form} errors={errors} />
      <Command>{"fed plan -f department.yaml; fed provision -f department.yaml"}</Command>
      <button type="submit" name="do" value="plan">
        Show the plan
      </button>{" "}
      {plan?.possible && (
        <button type="submit" name="do" value="provision">
          Make it
        </button>
      )}
    </Form>,
  );
}
