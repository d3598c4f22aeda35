import { z } from "zod";
import { type Client, createClient } from "../client/client.ts";
import { Secret } from "../crypto/secret.ts";

const minted = z.object({ id: z.string(), key: z.string() });

/** Runs `fn` with a client that is the department, by a key of its own that ends with the call. */
export async function asDepartment<T>(
  admin: Client,
  url: string,
  department: { slug: string; scopes: string[] },
  fn: (client: Client) => Promise<T>,
): Promise<T> {
  const { slug, scopes } = department;
  const request = { name: "example data", department_id: slug, scopes, expires_in_days: 1 };
  const { id, key } = minted.parse(await admin.send("POST", "/api-keys", request));
  try {
    return await fn(createClient({ url, key: new Secret(key) }));
  } finally {
    await admin.send("DELETE", `/api-keys/${id}`);
  }
}
