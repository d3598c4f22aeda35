import { randomUUID } from "node:crypto";
import type { Railway } from "./railway.ts";
import type { Environment, ProjectToken } from "./world.ts";

export function makeProjectToken(
  railway: Railway,
  { id: environmentId, projectId }: Environment,
  name: string,
): ProjectToken {
  const token = { ...railway.newItem(), projectId, environmentId, name, secret: randomUUID() };
  railway.world.projectTokens.set(token.id, token);
  return token;
}
