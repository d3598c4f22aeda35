import { z } from "zod";

const nodeName = z.string().regex(/^[A-Z][A-Za-z0-9 ?]{0,60}$/);
/** Words a language model reads: nothing that ends a quoted text or begins an expression. */
const words = z
  .string()
  .max(600)
  .regex(/^[A-Z0-9][^'"`\\{}$]*$/);

/** An n8n expression without its braces, which is why it cannot hold two closing ones of its own. */
const expression = z
  .string()
  .min(1)
  .refine((text) => !text.replaceAll(/\{\{federation:[^{}]*\}\}/g, "").includes("}}"), "has }} inside")
  .refine((text) => !text.startsWith("="), "begins with =");

const argument = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_]{0,40}$/),
    /** `any` is only for workflows that are not offered to a language model. */
    type: z.enum(["string", "number", "boolean", "any"]),
    description: words,
    required: z.boolean().default(false),
    default: z.union([z.number(), z.boolean()]).optional(),
    format: z.enum(["instant", "uuid", "addresses", "line", "id"]).optional(),
    length_max: z.int().min(1).max(1_000_000).default(2000),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    one_of: z.array(z.string()).optional(),
  })
  .refine(
    ({ type, required, default: value }) =>
      required || type === "string" || type === "any" || value !== undefined,
    "needs a default, or to be required",
  );
export type Argument = z.infer<typeof argument>;

const operation = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,50}$/),
  description: words,
  /** The step that begins its work. */
  first: nodeName,
  arguments: z.array(argument),
});
export type Operation = z.infer<typeof operation>;

/** What follows, one step per output; `Outcome` answers. */
const common = { name: nodeName, next: z.array(nodeName.nullable()).min(1).default(["Outcome"]) };

const request = z.strictObject({
  to: z.enum(["federation", "google"]),
  method: z.enum(["GET", "POST", "PUT", "PATCH"]),
  /** A path below /api/v1 of Federation, or a whole URL of Google's, as an n8n text. */
  url: z.string().regex(/^(\/|=?https:\/\/[a-z]+\.googleapis\.com\/)/),
  query: expression.optional(),
  headers: z.record(z.string().regex(/^[a-z-]+$/), z.string().min(1)).default({}),
  body: expression.optional(),
  answer: z.enum(["json", "text"]).default("json"),
});
export type TemplateRequest = z.infer<typeof request>;

const step = z.union([
  z.strictObject({ ...common, request }),
  /** `{ result }` of the answer before it, which is passed on as it is when it is no success. */
  z.strictObject({ ...common, result: expression }),
  z.strictObject({ ...common, set: expression }),
  /** Two outputs: true, false. */
  z.strictObject({ ...common, test: expression }),
  /** A file of templates/n8n/code. */
  z.strictObject({ ...common, code: z.string().regex(/^[a-z][a-z-]+$/) }),
  z.strictObject({
    ...common,
    node: z.strictObject({
      type: z.string(),
      typeVersion: z.number(),
      parameters: z.record(z.string(), z.json()),
      onError: z.literal("continueRegularOutput").exactOptional(),
    }),
  }),
]);
export type Step = z.infer<typeof step>;

const head = {
  template: z.string().regex(/^[a-z][a-z_-]{1,40}$/),
  version: z.int().min(1),
  /** Shown in the editor. Begins with plain words, so that n8n never takes it for an expression. */
  about: z
    .string()
    .max(1000)
    .regex(/^[A-Z]/),
};

/** One file of templates/n8n: what a workflow does between its checked arguments and its answer. */
export const workflowTemplate = z.strictObject({
  ...head,
  /** Every operation needs an access token of Google. */
  google: z.boolean().default(false),
  operations: z.array(operation).min(1),
  steps: z.array(step).min(1),
});
export type WorkflowTemplate = z.infer<typeof workflowTemplate>;

/** The file of the MCP endpoint, whose tools are the operations of the others. */
export const mcpTemplate = z.strictObject({
  ...head,
  instructions: z
    .string()
    .max(2000)
    .regex(/^[A-Z]/),
});
export type McpTemplate = z.infer<typeof mcpTemplate>;
