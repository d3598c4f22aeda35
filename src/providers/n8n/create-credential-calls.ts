import { z } from "zod";
import type { Json } from "../../json.ts";
import type { N8nRequest } from "./create-request.ts";
import { listPages } from "./list-pages.ts";
import { N8nError } from "./n8n-error.ts";
import type { N8nClient, RemoteCredential } from "./n8n.ts";
import { objectPath } from "./object-path.ts";
import { credentialReply, objectReply } from "./replies.ts";

type CredentialCalls = Pick<
  N8nClient,
  Extract<keyof N8nClient, `${string}Credential` | `${string}Credentials`>
>;

/** The half of N8nClient that is about credentials. */
export function createCredentialCalls(request: N8nRequest): CredentialCalls {
  let takesId = true;
  return {
    listCredentials: (signal) => listCredentials(request, signal),
    async createCredential({ id, name, type, data }, signal) {
      const create = (body: object) => {
        const call = { method: "POST", path: "/credentials", body, signal } as const;
        return request({ ...call, conflict: "exists", secrets: textsOf(data) }, credentialReply);
      };
      try {
        return await create({ ...(takesId && { id }), name, type, data });
      } catch (error) {
        if (!takesId || !refusesId(error)) throw error;
        takesId = false;
        return await create({ name, type, data });
      }
    },
    async updateCredential(id, { name, type, data }, signal) {
      const call = { method: "PATCH", path: objectPath("credentials", id), signal } as const;
      await request({ ...call, body: { name, type, data }, secrets: textsOf(data) }, objectReply);
    },
    async deleteCredential(id, signal) {
      try {
        await request({ method: "DELETE", path: objectPath("credentials", id), signal }, objectReply);
      } catch (error) {
        if (!(error instanceof N8nError) || error.kind !== "not_found") throw error;
      }
    },
  };
}

async function listCredentials(request: N8nRequest, signal: AbortSignal): Promise<RemoteCredential[]> {
  const rows = z.array(credentialReply).safeParse(await listPages(request, "/credentials", {}, signal));
  if (!rows.success) throw new N8nError("malformed", { detail: "a credential in the list" });
  return [...new Map(rows.data.map((row) => [row.id, row])).values()];
}

/** Before 2.10 the id is n8n's to choose. */
const refusesId = (error: unknown) =>
  error instanceof N8nError && error.kind === "invalid" && /\bid is read-only/.test(error.detail);

const textsOf = (value: Json): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(textsOf)
      : [];
