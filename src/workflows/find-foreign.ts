import type { RemoteWorkflow } from "../providers/n8n/n8n.ts";

export interface ForeignWorkflow {
  id: string;
  name: string;
  published: boolean;
  /** What follows the department's prefix, such as `calendar`. */
  path: string;
}

const triggers = new Set(["n8n-nodes-base.webhook", "@n8n/n8n-nodes-langchain.mcpTrigger"]);

/** Workflows that are not the department's own and listen at one of its paths, or would once they are published. */
export function findForeign(
  workflows: readonly RemoteWorkflow[],
  pathPrefix: string,
  ownIds: ReadonlySet<string>,
): ForeignWorkflow[] {
  const others = workflows.filter(({ id }) => !ownIds.has(id));
  return others.flatMap(({ id, name, active, nodes }) =>
    nodes
      .filter(({ type }) => triggers.has(type))
      .map(({ parameters }) => normalized(parameters["path"]))
      .filter((path) => path.startsWith(`${pathPrefix}/`))
      .map((path) => ({ id, name, published: active, path: path.slice(pathPrefix.length + 1) })),
  );
}

/** n8n does not mind slashes at either end. */
const normalized = (path: unknown) => (typeof path === "string" ? path.replaceAll(/^\/+|\/+$/g, "") : "");
