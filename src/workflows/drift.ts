import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import type { ConfigChange } from "../departments/config/diff.ts";
import type { RemoteCredential, RemoteWorkflow } from "../providers/n8n/n8n.ts";
import { credentialKeys } from "./credential-data.ts";
import { differencesOf } from "./differences.ts";
import { findForeign, type ForeignWorkflow } from "./find-foreign.ts";
import type { N8nAccess } from "./n8n-of.ts";
import { type Proof, proveWorkflow } from "./prove-workflow.ts";
import { readEnabledTools } from "./read-enabled-tools.ts";
import { type N8nRecord, readRecords } from "./read-records.ts";
import { readWorkflowSecrets, type WorkflowSecrets } from "./read-secrets.ts";
import { redactChanges } from "./redact-changes.ts";
import { renderDepartment } from "./render-department.ts";
import type { CredentialKey, RenderedWorkflow, WorkflowContext } from "./rendered-workflow.ts";
import { credentialIdentity, namePrefix } from "./workflow-names.ts";

export type DriftProblem =
  | "missing"
  | "archived"
  /** Somebody changed it. */
  | "changed"
  | "unpublished"
  /** The template has gone on since. */
  | "outdated"
  /** Nothing, or an error, at its path. */
  | "not_answering"
  /** Somebody else answers at its path. */
  | "path_taken";

export interface WorkflowDrift {
  key: string;
  name: string;
  id: string | null;
  problems: DriftProblem[];
  template_version: number;
  live_version: number | null;
  /** What it is (`from`: as rendered, `to`: as it is in n8n); never with a secret of the department. */
  changes: ConfigChange[];
}

export interface Drift {
  in_sync: boolean;
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

const patienceMs = 1000;

interface Live {
  workflows: RemoteWorkflow[];
  credentials: RemoteCredential[];
  records: N8nRecord[];
}

/** How n8n differs from what the department's definition makes of it; asks n8n now, and calls every path. */
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
  const workflows = secrets ? await workflowDrifts(source, department, secrets, live) : [];
  const own = new Set([...workflows, ...credentials].flatMap(({ id }) => id ?? []));
  const foreign = secrets ? findForeign(live.workflows, secrets.pathPrefix, own) : [];
  const leftovers = leftoversOf(live, namePrefix(naming), own);
  const problems = [...workflows, ...credentials].flatMap((one) => one.problems.map(String));
  const inSync = secrets !== undefined && problems.length + foreign.length + leftovers.length === 0;
  return { in_sync: inSync, workflows, credentials, leftovers, foreign };
}

async function workflowDrifts(
  { n8n, sql, environment, signal }: DriftSource,
  department: WorkflowContext["department"],
  secrets: WorkflowSecrets,
  live: Live,
): Promise<WorkflowDrift[]> {
  const rendered: { workflow: RenderedWorkflow; found: RemoteWorkflow | undefined }[] = [];
  const naming = { environment, suffix: department.suffix };
  const identity = (key: CredentialKey) => {
    const wanted = credentialIdentity(naming, key);
    return {
      ...wanted,
      id: findRecorded(live.records, "credential", wanted.name, live.credentials)?.id ?? wanted.id,
    };
  };
  const context: WorkflowContext = {
    environment,
    department,
    federationUrl: n8n.config.federationUrl,
    pathPrefix: secrets.pathPrefix,
    credentials: { api: identity("api"), hook: identity("hook"), mcp: identity("mcp") },
    enabledTools: await readEnabledTools(sql, department.id),
  };
  await renderDepartment(context, (workflow) => {
    const found = findRecorded(live.records, "workflow", workflow.definition.name, live.workflows);
    rendered.push({ workflow, found });
    return found?.id ?? "missing";
  });
  const prover = { webhookUrl: n8n.config.webhookUrl, departmentId: department.id, secrets, signal };
  return Promise.all(
    rendered.map(async ({ workflow, found }) =>
      workflowDrift(workflow, found, await proveWorkflow(prover, workflow, patienceMs), secrets),
    ),
  );
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

function workflowDrift(
  workflow: RenderedWorkflow,
  found: RemoteWorkflow | undefined,
  proof: Proof,
  secrets: WorkflowSecrets,
): WorkflowDrift {
  const { key, version, definition } = workflow;
  const changes = found ? redactChanges(differencesOf(definition, found), secrets) : [];
  const liveVersion = proof.version ?? (found ? versionInNotes(found) : undefined) ?? null;
  const present: (DriftProblem | false)[] = found
    ? [
        found.isArchived && "archived",
        changes.length > 0 && "changed",
        (!found.active || found.hasUnpublishedChanges) && "unpublished",
        liveVersion !== null && liveVersion < version && "outdated",
      ]
    : ["missing"];
  const problems = [...present, answerProblem(proof)].filter((problem) => problem !== false);
  return {
    key,
    name: definition.name,
    id: found?.id ?? null,
    problems,
    template_version: version,
    live_version: liveVersion,
    changes,
  };
}

function answerProblem({ state }: Proof): DriftProblem | false {
  if (state === "live" || state === "stale") return false;
  return state === "foreign" || state === "refused" ? "path_taken" : "not_answering";
}

function versionInNotes({ nodes }: RemoteWorkflow): number | undefined {
  const versions = nodes.flatMap(({ notes = "" }) => /^federation \S+ \S+ v(\d+)$/.exec(notes)?.[1] ?? []);
  return versions[0] === undefined ? undefined : Number(versions[0]);
}

function credentialDrift(wanted: { id: string; name: string }, live: Live): Drift["credentials"][number] {
  const found =
    findRecorded(live.records, "credential", wanted.name, live.credentials) ??
    live.credentials.find(({ id }) => id === wanted.id);
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
