import type { z } from "zod";
import type { Json } from "../json.ts";
import { agents } from "./examples/agents.ts";
import { audit } from "./examples/audit.ts";
import { cost } from "./examples/cost.ts";
import { data } from "./examples/data.ts";
import { departments } from "./examples/departments.ts";
import { drift } from "./examples/drift.ts";
import type { Examples } from "./examples/example.ts";
import { gateway } from "./examples/gateway.ts";
import { grants } from "./examples/grants.ts";
import { keys } from "./examples/keys.ts";
import { oauth } from "./examples/oauth.ts";
import { people } from "./examples/people.ts";
import { provisioning } from "./examples/provisioning.ts";
import { releases } from "./examples/releases.ts";
import { safety } from "./examples/safety.ts";
import { system } from "./examples/system.ts";
import { webhooks } from "./examples/webhooks.ts";
import { workflows } from "./examples/workflows.ts";

/** Every operation's example; a new operation needs one in the file of its noun. */
export const examples: Examples = {
  ...agents,
  ...audit,
  ...cost,
  ...data,
  ...departments,
  ...drift,
  ...gateway,
  ...grants,
  ...keys,
  ...oauth,
  ...people,
  ...provisioning,
  ...releases,
  ...safety,
  ...system,
  ...webhooks,
  ...workflows,
};

/** The example of an operation's body; an object without fields has only one. */
export function exampleOfBody(id: string, schema: z.ZodType): Json | undefined {
  return examples[id]?.body ?? (hasFields(schema) ? undefined : {});
}

function hasFields(schema: z.ZodType): boolean {
  return !("shape" in schema) || Object.keys(schema.shape as object).length > 0;
}
