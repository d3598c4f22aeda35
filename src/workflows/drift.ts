import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { readDefinition } from "../departments/config/read-definition.ts";
import { unavailable } from "../errors.ts";
import type { RemoteCredential, RemoteWorkflow } from "../providers/n8n/n8n.ts";
import { credentialKeys } from "./credential-data.ts";
import { findForeign, type ForeignWorkflow } from "./find-foreign.ts";
import type { N8nAccess } from "./n8n-of.ts";
import { type Proof, proveWorkflow } from "./prove-workflow.ts";
import { type N8nRecord, readRecords } from "./read-records.ts";
import { readWorkflowSecrets, type WorkflowSecrets } from "./read-secrets.ts";
import { redactChanges } from "./redact-changes.ts";
import { renderDepartment } from "./render-department.ts";
import type { CredentialKey, RenderedWorkflow, WorkflowContext } from "./rendered-workflow.ts";
import { workflowDrift, type WorkflowDrift } from "./workflow-drift.ts";
import { credentialIdentity, namePrefix } from "./workflow-names.ts";

export interface Drift {
  in_sync: boolean;
  /** Never with a secret of the department. */
  workflows: WorkflowDrift[];
  credentials: { name: string; id: string | null; problems: ("missing" | "renamed")[] }[];
  /** They bear the department's name and are not its own: twins, or of a tool that is disabled. */
  leftovers: { kind: "workflow" | "credential"; id: string; name: string }[];
  /** Other workflows with a path of the department. */
  foreign: ForeignWorkflow[];
}

export interface DriftSource {
  n8n: N8nAccess;
  sql: Sql;
  vault: Vault;
  environment: string;
  signal: AbortSignal;
}

interface Live {
  workflows: RemoteWorkflow[];
  credentials: RemoteCredential[];
  records: N8nRecord[];
}

/** A moment ago somebody may have published. */
const patienceMs = 3000;

/**
 * How n8n differs from what the department's definition makes of it; asks n8n now, and calls every path. Throws
 * `n8n_unreachable` where it cannot be told.
 */
export async function driftOf(
  source: DriftSource,
  department: WorkflowContext["department"],
): Promise<Drift> {
  const { n8n, sql, vault, environment, signal } = source;
  const live: Live = {
    workflows: await n8n.client.listWorkflows(signal),
    credentials: await n8n.client.listCredentials(signal),
    records: await readRecords(sql, department.id),
  };
  const secrets = await readWorkflowSecrets({ sql, vault }, department.id);
  const naming = { environment, suffix: department.suffix };
  const credentials = credentialKeys.map((key) => credentialDrift(credentialIdentity(naming, key), live));
  const workflows = await workflowDrifts(source, department, secrets, live);
  const own = new Set([...workflows, ...credentials].flatMap(({ id }) => id ?? []));
  const foreign = secrets ? findForeign(live.workflows, secrets.pathPrefix, own) : [];
  const leftovers = leftoversOf(live, namePrefix(naming), own);
  const isWell = [...workflows, ...credentials].every(({ problems }) => problems.length === 0);
  return {
    in_sync: isWell && foreign.length === 0 && leftovers.length === 0,
    workflows,
    credentials,
    leftovers,
    foreign,
  };
}

async function workflowDrifts(
  source: DriftSource,
  department: WorkflowContext["department"],
  secrets: WorkflowSecrets | undefined,
  live: Live,
): Promise<WorkflowDrift[]> {
  const { n8n, signal } = source;
  const rendered: { workflow: RenderedWorkflow; found: RemoteWorkflow | undefined }[] = [];
  await renderDepartment(await contextOf(source, department, secrets, live), (workflow) => {
    const found = findRecorded(live.records, "workflow", workflow.definition.name, live.workflows);
    rendered.push({ workflow, found });
    return found?.id ?? "missing";
  });
  const { webhookUrl } = n8n.config;
  const prove = async (workflow: RenderedWorkflow): Promise<Proof> => {
    if (!secrets) return { state: "absent" };
    const prover = { webhookUrl, departmentId: department.id, secrets, signal, fetch: n8n.fetch };
    const proof = await proveWorkflow(prover, workflow, patienceMs);
    if (proof.state !== "unreachable") return proof;
    throw unavailable("n8n_unreachable", "n8n does not answer at the address of its webhooks.");
  };
  return Promise.all(
    rendered.map(async ({ workflow, found }) => {
      const drift = workflowDrift(workflow, found, await prove(workflow));
      return secrets ? { ...drift, changes: redactChanges(drift.changes, secrets) } : drift;
    }),
  );
}

async function contextOf(
  { n8n, sql, environment }: DriftSource,
  department: WorkflowContext["department"],
  secrets: WorkflowSecrets | undefined,
  live: Live,
): Promise<WorkflowContext> {
  const identity = (key: CredentialKey) => {
    const wanted = credentialIdentity({ environment, suffix: department.suffix }, key);
    const found = findRecorded(live.records, "credential", wanted.name, live.credentials);
    return { id: found?.id ?? wanted.id, name: wanted.name };
  };
  return {
    environment,
    department,
    federationUrl: n8n.config.federationUrl,
    pathPrefix: secrets?.pathPrefix ?? "unmade",
    credentials: { api: identity("api"), hook: identity("hook"), mcp: identity("mcp") },
    enabledTools: (await readDefinition(sql, department.id)).enabled_tools,
  };
}

/** What is recorded under the name, else what bears it. */
function findRecorded<T extends { id: string; name: string }>(
  records: readonly N8nRecord[],
  kind: N8nRecord["kind"],
  name: string,
  live: readonly T[],
): T | undefined {
  const ids = records.filter((record) => record.kind === kind && record.name === name).map(({ id }) => id);
  return live.find(({ id }) => ids.includes(id)) ?? live.find((one) => one.name === name);
}

function credentialDrift(wanted: { id: string; name: string }, live: Live): Drift["credentials"][number] {
  const found = findRecorded(live.records, "credential", wanted.name, live.credentials);
  if (!found) return { name: wanted.name, id: null, problems: ["missing"] };
  return { name: wanted.name, id: found.id, problems: found.name === wanted.name ? [] : ["renamed"] };
}

function leftoversOf(live: Live, prefix: string, own: ReadonlySet<string>): Drift["leftovers"] {
  const left = (kind: "workflow" | "credential", all: readonly { id: string; name: string }[]) =>
    all
      .filter(({ id, name }) => name.startsWith(prefix) && !own.has(id))
      .map(({ id, name }) => ({ kind, id, name }));
  return [...left("workflow", live.workflows), ...left("credential", live.credentials)];
}
