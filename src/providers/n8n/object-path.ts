import { N8nError } from "./n8n-error.ts";

/** `/workflows/<id>`. Throws `not_found` for what no id of n8n can be, so that none changes the path. */
export function objectPath(collection: "workflows" | "credentials", id: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new N8nError("not_found", { detail: "not an id of n8n" });
  return `/${collection}/${id}`;
}
