import type { ConfigChange } from "../departments/config/diff.ts";
import type { RemoteWorkflow } from "../providers/n8n/n8n.ts";
import { differencesOf } from "./differences.ts";
import type { Proof } from "./prove-workflow.ts";
import type { RenderedWorkflow } from "./rendered-workflow.ts";

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
  | "path_taken"
  /** Who answers does not take the department's token. */
  | "token_refused";

export interface WorkflowDrift {
  key: string;
  name: string;
  id: string | null;
  problems: DriftProblem[];
  template_version: number;
  live_version: number | null;
  /** `from`: as it is rendered, `to`: as it is in n8n. */
  changes: ConfigChange[];
}

/** How one workflow in n8n, and what answers at its path, differ from the rendered one. */
export function workflowDrift(
  { key, version, definition }: RenderedWorkflow,
  found: RemoteWorkflow | undefined,
  proof: Proof,
): WorkflowDrift {
  const changes = found ? differencesOf(definition, found) : [];
  const liveVersion = proof.version ?? (found ? versionInNotes(found) : undefined) ?? null;
  const present: (DriftProblem | false)[] = found
    ? [
        found.isArchived && "archived",
        changes.length > 0 && "changed",
        (!found.active || found.hasUnpublishedChanges) && "unpublished",
        liveVersion !== null && liveVersion < version && "outdated",
      ]
    : ["missing"];
  return {
    key,
    name: definition.name,
    id: found?.id ?? null,
    problems: [...present, answerProblem(proof)].filter((problem) => problem !== false),
    template_version: version,
    live_version: liveVersion,
    changes,
  };
}

function answerProblem({ state }: Proof): DriftProblem | false {
  if (state === "live" || state === "stale") return false;
  if (state === "refused") return "token_refused";
  return state === "foreign" ? "path_taken" : "not_answering";
}

function versionInNotes({ nodes }: RemoteWorkflow): number | undefined {
  const versions = nodes.flatMap(({ notes = "" }) => /^federation \S+ \S+ v(\d+)$/.exec(notes)?.[1] ?? []);
  return versions[0] === undefined ? undefined : Number(versions[0]);
}
