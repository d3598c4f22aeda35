import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { readAgentSettings } from "../departments/agent-settings.ts";
import { agentSpec } from "../departments/agent-spec.ts";
import type { Department } from "../departments/resolve.ts";
import { FederationError, WaitError } from "../errors.ts";
import type { Host, HostChange } from "../providers/hosts/host.ts";
import type { N8nClient } from "../providers/n8n/n8n.ts";
import type { Tracer } from "../traces/tracer.ts";
import { type Drift, driftOf } from "../workflows/drift.ts";
import { findN8n, hasN8nRecords } from "../workflows/n8n-of.ts";
import { type DriftPart, type DriftReport, emptyReport, type UnknownPart } from "./drift-report.ts";

export interface DriftMeans {
  db: { app: Sql; provisioner: Sql };
  vault: Vault;
  hosts: ReadonlyMap<string, Host>;
  n8n: N8nClient | undefined;
  config: Readonly<Config>;
  log: Logger;
  tracer: Tracer;
}

const partSeconds = 60;

/**
 * Compares a department's workflows, agent and schema with what they should be, each by itself: what cannot be looked at
 * is `unknown` and keeps nobody from the rest. `findSchemaDrift` answers the lines of its schema.
 */
export async function lookForDrift(
  means: DriftMeans,
  department: Department,
  findSchemaDrift: () => Promise<string[]>,
  signal: AbortSignal,
): Promise<DriftReport> {
  const unknown: UnknownPart[] = [];
  const look = async <T>(part: DriftPart, nothing: T, work: (signal: AbortSignal) => Promise<T>) => {
    try {
      return await work(AbortSignal.any([signal, AbortSignal.timeout(partSeconds * 1000)]));
    } catch (error) {
      unknown.push(unknownPart(means, department, part, error));
      return nothing;
    }
  };
  const [workflows, host, database] = await Promise.all([
    look<Omit<Drift, "in_sync">>("workflows", emptyReport, (at) => workflowsOf(means, department, at)),
    look<HostChange[]>("host", [], (at) => hostChanges(means, department, at)),
    look<string[]>("database", [], findSchemaDrift),
  ]);
  const { workflows: all, credentials, leftovers, foreign } = workflows;
  return { workflows: all, credentials, leftovers, foreign, host, database, unknown };
}

async function workflowsOf(
  { db, vault, config, n8n: client, tracer }: DriftMeans,
  department: Department,
  signal: AbortSignal,
): Promise<Omit<Drift, "in_sync">> {
  const sql = db.app;
  const n8n = await findN8n({ sql, vault, config, n8n: client, tracer }, department.id);
  if (n8n) return await driftOf({ n8n, sql, vault, environment: config.environment, signal }, department);
  if (!(await hasN8nRecords(sql, department.id))) return emptyReport;
  throw new FederationError("n8n_not_configured", "n8n is not configured here.");
}

async function hostChanges(
  { db, vault, config, hosts }: DriftMeans,
  department: Department,
  signal: AbortSignal,
): Promise<HostChange[]> {
  const host = hosts.get(department.host);
  if (!host) throw new FederationError("host_not_configured", `No worker serves ${department.host}.`);
  const settings = await readAgentSettings({ sql: db.app, vault, config }, department);
  return await host.drift(agentSpec(department, settings), signal);
}

/** Only the public words of an error; the rest is logged. */
function unknownPart(
  { log }: DriftMeans,
  { slug }: Department,
  part: DriftPart,
  error: unknown,
): UnknownPart {
  log.warn({ err: error, department: slug, part }, "could not look for drift");
  if (!(error instanceof FederationError)) {
    const isLate = error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
    const [code, message] = isLate
      ? ["timeout", "It did not answer in time."]
      : ["internal", "It could not be looked at; the worker's log says why."];
    return { part, code, message, retry_after_seconds: null };
  }
  const seconds = error instanceof WaitError ? Math.ceil(error.wait.seconds) : error.retryAfterSeconds;
  return { part, code: error.code, message: error.message, retry_after_seconds: seconds ?? null };
}
