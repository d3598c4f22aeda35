import type { DocsWorld } from "./world.ts";

/** The key of a new person who is an admin of the department, good for its consents. */
export async function departmentAdminKey({ client }: DocsWorld, department: string): Promise<string> {
  const email = `admin-${crypto.randomUUID()}@example.com`;
  const { id } = await client.send("POST", "/members", {
    email,
    role: "department_admin",
    department_id: department,
  });
  const wanted = { name: "docs", member_id: id, scopes: ["oauth:write"], expires_in_days: 1 };
  return String((await client.send("POST", "/api-keys", wanted))["key"]);
}
