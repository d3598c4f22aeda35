import { z } from "zod";
import { ApiError, type Client, createClient } from "../client/client.ts";
import { Secret } from "../crypto/secret.ts";
import { FederationError } from "../errors.ts";

const made = z.object({ id: z.string() });
const minted = z.object({ id: z.string(), key: z.string() });
const page = z.object({
  items: z.array(z.object({ id: z.string(), email: z.string() })),
  next_cursor: z.string().nullable(),
});

/** Runs `fn` with a client that is the department's admin, by a key of its own that ends with the call. */
export async function asDepartmentAdmin<T>(
  admin: Client,
  url: string,
  person: { department: string; email: string; scopes: string[] },
  fn: (client: Client) => Promise<T>,
): Promise<T> {
  const member = await findOrAdd(admin, person);
  const request = { name: "example", member_id: member, scopes: person.scopes, expires_in_days: 1 };
  const { id, key } = minted.parse(await admin.send("POST", "/api-keys", request));
  try {
    return await fn(createClient({ url, key: new Secret(key) }));
  } finally {
    await admin.send("DELETE", `/api-keys/${id}`);
  }
}

async function findOrAdd(admin: Client, { email, department }: { email: string; department: string }) {
  try {
    const request = { email, role: "department_admin", department_id: department };
    return made.parse(await admin.send("POST", "/members", request)).id;
  } catch (error) {
    if (error instanceof ApiError && error.code === "member_exists") return findMember(admin, email);
    throw error;
  }
}

async function findMember(admin: Client, email: string): Promise<string> {
  let cursor: string | null = "";
  while (cursor !== null) {
    const query = cursor === "" ? "" : `&cursor=${cursor}`;
    const { items, next_cursor } = page.parse(await admin.get(`/members?limit=200${query}`));
    const found = items.find((member) => member.email === email);
    if (found) return found.id;
    cursor = next_cursor;
  }
  throw new FederationError("example_failed", `${email} is a member and is not in the list.`);
}
