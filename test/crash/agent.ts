import { secretPlace } from "../../src/departments/department-secret.ts";
import type { Installation } from "../helpers/installation.ts";
import type { TestRun } from "./department.ts";

/** A secret of the department's agent, opened past the API. */
async function openSecret(at: Installation, department: string, name: "agent_key" | "agent_token") {
  const [row] = await at.sql<{ sealed: string }[]>`
    select sealed from federation.department_secret where department_id = ${department} and name = ${name}`;
  if (!row) throw new Error(`the department has no ${name}`);
  return at.vault.open(secretPlace(department, name), row.sealed);
}

/** Status of a call to the API with the key the agent has. */
export async function callAsAgent(
  at: Installation,
  { department }: TestRun,
  method: string,
  path: string,
  body?: object,
) {
  const key = await openSecret(at, department, "agent_key");
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return (await fetch(new URL(`/api/v1${path}`, at.url), init)).status;
}

/** What the department's agent answers to a call of one of its tools. */
export async function callTool(at: Installation, { department }: TestRun, tool: string, args: object) {
  const token = await openSecret(at, department, "agent_token");
  const [row] = await at.sql<{ url: string }[]>`
    select agent_url as url from federation.department where id = ${department}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(new URL(`/tools/${tool}`, row?.url), {
    method: "POST",
    headers,
    body: JSON.stringify(args),
  });
  return { status: answer.status, json: await answer.json() };
}
