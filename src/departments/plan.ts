import type { ProvisionRequest } from "../config-schema/department.ts";
import type { Ctx } from "../context.ts";
import { estimateDepartment } from "../cost/estimate-department.ts";
import { readPriceBook } from "../cost/price-book.ts";
import { shapeOf } from "../cost/shape-of.ts";
import { FederationError } from "../errors.ts";
import { provisionPlan } from "../provisioning/plans.ts";
import { agentVariableNames } from "./agent-variables.ts";
import { chooseHost } from "./provision.ts";
import { checkN8nAccess } from "../workflows/check-access.ts";
import { credentialKeys } from "../workflows/credential-data.ts";
import { workflowKeys } from "../workflows/workflow-keys.ts";
import { workflowName } from "../workflows/workflow-names.ts";

const n8nTimeoutMs = 10_000;

export interface PlanCheck {
  name: string;
  ok: boolean;
  detail: string;
}

/** What provisioning would do, without doing it: resources, names of variables, checks, steps, cost per month. */
export async function planDepartment(ctx: Ctx, input: ProvisionRequest) {
  const host = chooseHost(ctx, input);
  const checks = await checksOf(ctx, input);
  return {
    department_id: input.department_id,
    host,
    possible: checks.every((check) => check.ok),
    checks,
    steps: provisionPlan.steps.map((step) => ({
      name: step.name,
      needs: [...step.needs],
      group: step.group,
    })),
    resources: [
      { provider: "postgres", kind: "schema", name: "t_<generated>" },
      { provider: "postgres", kind: "role", name: "d_<generated>" },
      { provider: "federation", kind: "data_key", name: "department" },
      { provider: "federation", kind: "api_client", name: "agent" },
      ...workflowResources(ctx, input),
      { provider: host, kind: `${host}_agent`, name: input.department_id },
    ],
    skipped: [
      { step: "oauth-client", reason: "Google is not configured" },
      ...(ctx.n8n || wantsOwnN8n(input) ? [] : [{ step: "workflows", reason: "n8n is not configured" }]),
    ],
    variables: [...agentVariableNames],
    cost_per_month: estimateDepartment(await readPriceBook(), shapeOf(ctx.config, host, input)),
  };
}

async function checksOf(ctx: Ctx, input: ProvisionRequest): Promise<PlanCheck[]> {
  const [row] = await ctx.db.app<{ taken: boolean }[]>`
    select exists (select from federation.department where slug = ${input.department_id}
      and status <> 'deprovisioned') as taken`;
  const taken = row?.taken ?? true;
  return [
    { name: "department_id", ok: !taken, detail: taken ? "is already used" : "is free" },
    { name: "host", ok: true, detail: "is configured" },
    { name: "google", ok: true, detail: "not configured: the oauth-client step will be skipped" },
    { name: "n8n", ...(await (wantsOwnN8n(input) ? poolCheck(ctx) : n8nCheck(ctx))) },
  ];
}

const wantsOwnN8n = (input: ProvisionRequest) => input.custom_config?.n8n?.instance === "own";

async function poolCheck({ db }: Ctx): Promise<Omit<PlanCheck, "name">> {
  const [free] = await db.app`select from federation.n8n_instance where status = 'free' limit 1`;
  return { ok: free !== undefined, detail: free ? "an instance of its own is free" : "no instance is free" };
}

async function n8nCheck({ n8n }: Ctx): Promise<Omit<PlanCheck, "name">> {
  if (!n8n) return { ok: true, detail: "not configured: the workflows step will be skipped" };
  try {
    await checkN8nAccess(n8n, AbortSignal.timeout(n8nTimeoutMs));
    return { ok: true, detail: "answers and takes the API key" };
  } catch (error) {
    if (error instanceof FederationError) return { ok: false, detail: error.message };
    throw error;
  }
}

function workflowResources(ctx: Ctx, input: ProvisionRequest) {
  if (!ctx.n8n && !wantsOwnN8n(input)) return [];
  const name = (key: string) =>
    workflowName({ environment: ctx.config.environment, suffix: "<generated>" }, key);
  return [
    { provider: "federation", kind: "api_client", name: "n8n" },
    ...credentialKeys.map((key) => ({ provider: "n8n", kind: "credential", name: name(key) })),
    ...workflowKeys(input.enabled_tools).map((key) => ({
      provider: "n8n",
      kind: "workflow",
      name: name(key),
    })),
  ];
}
