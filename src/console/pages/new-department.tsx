import { departmentConfigJsonSchema, provisionRequest } from "../../config-schema/department.ts";
import type { Ctx } from "../../context.ts";
import { planDepartment } from "../../departments/plan.ts";
import { provisionDepartment } from "../../departments/provision.ts";
import { type FieldError, FederationError } from "../../errors.ts";
import { invalid } from "../../http/validate.ts";
import { Command } from "../components/command.tsx";
import { Form } from "../components/form.tsx";
import { PlanPreview } from "../components/plan-preview.tsx";
import { SchemaFields } from "../components/schema-fields.tsx";
import { documentOf, type FormSchema } from "../form-from-schema.ts";
import type { ConsoleAction, ConsolePage, PageAccess, Shown } from "../parts/page.ts";

const access: PageAccess = { callers: "platform", scope: "runs:write" };

interface Answer {
  errors?: readonly FieldError[];
  wrong?: string;
  plan?: Awaited<ReturnType<typeof planDepartment>>;
}

/** The form of a department, made of the published schema. */
export const newDepartmentPage: ConsolePage = {
  path: "/new",
  access,
  show: (ctx) => Promise.resolve(formPage(ctx, new URLSearchParams(), {})),
};

/** `do=plan` shows what would happen, `do=provision` does it; what is wrong comes back beside its field. */
export const newDepartmentActions: ConsoleAction[] = [
  {
    path: "/new",
    access,
    async act(ctx, { form }) {
      const parsed = provisionRequest.safeParse(documentOf(schemaOf(ctx), form));
      if (!parsed.success) return refused(ctx, form, invalid(parsed.error));
      try {
        if (form.get("do") !== "provision")
          return formPage(ctx, form, { plan: await planDepartment(ctx, parsed.data) });
        const { provisioning_id: run } = await provisionDepartment(ctx, parsed.data);
        return { message: "The department is being made.", location: `/runs/${run}` };
      } catch (error) {
        if (error instanceof FederationError && (error.status === 409 || error.status === 422))
          return refused(ctx, form, error);
        throw error;
      }
    },
  },
];

function refused(ctx: Ctx, form: URLSearchParams, error: FederationError): Shown {
  const status = error.status === 409 ? 409 : 422;
  return { ...formPage(ctx, form, { errors: error.errors, wrong: error.message }), status };
}

/** The published schema, which is made of ours, as the form reads it. */
function schemaOf(ctx: Ctx): FormSchema {
  const { $schema: _, ...schema } = departmentConfigJsonSchema(ctx.config.publicUrl);
  return schema as FormSchema;
}

function formPage(ctx: Ctx, form: URLSearchParams, { errors = [], wrong, plan }: Answer): Shown {
  const body = (
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
      <SchemaFields schema={schemaOf(ctx)} form={form} errors={errors} />
      <Command>{"fed plan -f department.yaml; fed provision -f department.yaml"}</Command>
      <button type="submit" name="do" value="plan">
        Show the plan
      </button>{" "}
      {plan?.possible && (
        <button type="submit" name="do" value="provision">
          Make it
        </button>
      )}
    </Form>
  );
  return { title: "New department", body };
}
