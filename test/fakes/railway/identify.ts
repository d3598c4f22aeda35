import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "./call.ts";
import type { Railway } from "./railway.ts";
import { isDeleted } from "./world.ts";

/** Whose request it is; nobody's without a token, and why not with a wrong one. */
export function identify(
  railway: Railway,
  headers: IncomingHttpHeaders,
): { caller: Caller; token: string } | { refused: string } | undefined {
  const projectToken = headers["project-access-token"];
  if (typeof projectToken === "string") return ofProject(railway, projectToken);
  const [, token] = /^Bearer (.+)$/i.exec(headers.authorization ?? "") ?? [];
  if (token === undefined) return undefined;
  if (token === railway.accountToken) return { caller: { kind: "account" }, token };
  for (const [workspaceId, known] of railway.workspaceTokens)
    if (known === token) return { caller: { kind: "workspace", workspaceId }, token };
  return { refused: "Not Authorized" };
}

function ofProject({ world, now }: Railway, token: string) {
  const found = [...world.projectTokens.values()].find(
    (one) => one.secret === token && !isDeleted(one, now()),
  );
  if (!found) return { refused: "Project Token not found" };
  const { id: tokenId, projectId, environmentId } = found;
  return { caller: { kind: "project" as const, projectId, environmentId, tokenId }, token };
}
