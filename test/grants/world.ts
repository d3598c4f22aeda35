import { roleScopes } from "../../src/members/scopes.ts";
import { type Reply, type TestDepartment, testEdge } from "../http/edge.ts";

/** A department with a machine's key, an admin, and one document about the budget. */
export interface Side extends TestDepartment {
  admin: string;
  adminId: string;
}

export type GrantsWorld = Awaited<ReturnType<typeof grantsWorld>>;

/** Two departments, an operator, and the calls that grants are made of. */
export async function grantsWorld() {
  const edge = await testEdge();
  const post = (path: string, key: string, body: object, headers: Record<string, string> = {}) =>
    edge.call("POST", `/api/v1/grants${path}`, { key, body, headers });
  const addSide = async (): Promise<Side> => {
    const department = await edge.addDepartment();
    const body = { items: [{ external_id: "1", name: "Budget", text: "the budget" }] };
    await edge.call("PUT", `/api/v1/departments/${department.slug}/documents`, { key: department.key, body });
    const { id, key } = await edge.addMember("department_admin", roleScopes.department_admin, department.id);
    return { ...department, admin: key, adminId: id };
  };
  const [a, b] = await Promise.all([addSide(), addSide()]);
  return {
    edge,
    a,
    b,
    operator: (await edge.addMember("operator", roleScopes.operator)).key,
    addSide,
    post,
    request: (key: string, target: string, change: object = {}) => post("", key, wish(target, change)),
    approve: (id: string, key: string, body: object = {}) => post(`/${id}/approve`, key, body),
    reject: (id: string, key: string) => post(`/${id}/reject`, key, { reason: "no need" }),
    revoke: (id: string, key: string) => post(`/${id}/revoke`, key, { reason: "no longer needed" }),
    show: (id: string, key: string) => edge.call("GET", `/api/v1/grants/${id}`, { key }),
    ask: (from: TestDepartment, target: string) =>
      edge.call("POST", "/api/v1/cross-dept/query", { key: from.key, body: question(target) }),
    eventsOf: (id: string) => edge.sql`
      select stream, actor, action, decision, reason from audit.event where target = ${id} order by at_us, stream`,
  };
}

export const wish = (target: string, change: object = {}) => ({
  target_department_id: target,
  permission: "search",
  resource: "documents",
  reason: "monthly report",
  expires_in_days: 30,
  ...change,
});

const question = (target: string) => ({
  target_department_id: target,
  query_type: "search_documents",
  query_params: { query: "budget" },
  reason: "a test asks",
  requester_context: { session_id: "s-1" },
});

/** Status and code of a problem, or status and the grant's status. */
export const outcome = ({ status, json }: Reply) => [status, json.code ?? json.status];

/** The answer without what every answer has of its own. */
export const bare = ({ status, json }: Reply) => JSON.stringify({ status, ...json, request_id: "" });
