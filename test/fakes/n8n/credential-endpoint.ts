// /api/v1/credentials
import { type Answer, type ApiCall, ok, refuse, type Version } from "./answer.ts";
import { answerPage } from "./answer-page.ts";
import { newId, type Store, type StoredCredential } from "./store.ts";

/** Types of credentials and the keys their data may have. */
const types: Readonly<Record<string, readonly string[]>> = {
  httpHeaderAuth: ["name", "value"],
  httpBearerAuth: ["token"],
};

export interface CredentialEndpoint {
  store: Store;
  version: Version;
}

export function answerCredentials(endpoint: CredentialEndpoint, call: ApiCall): Answer {
  const { method, query } = call;
  const [, id] = call.path;
  const { store, version } = endpoint;
  if (id === undefined) {
    if (method === "GET") return answerPage([...store.credentials.values()].map(shown), query);
    return method === "POST" ? create(endpoint, call) : notAllowed(method);
  }
  if (!["GET", "PATCH", "DELETE"].includes(method)) return notAllowed(method);
  if (method === "GET" && version === "2.8") return notAllowed(method);
  const credential = store.credentials.get(id);
  if (method === "PATCH") return credential ? update(credential, call) : refuse(404, "Credential not found");
  if (!credential) return refuse(404, method === "GET" ? "Credential not found" : "Not Found");
  if (method === "DELETE") store.credentials.delete(id);
  const { id: _, ...nameless } = shown(credential);
  return ok(method === "DELETE" && version === "2.8" ? nameless : shown(credential));
}

function create({ store, version }: CredentialEndpoint, { body }: ApiCall): Answer {
  const { id = newId(), name, type } = body;
  if (version === "2.8" && "id" in body) return refuse(400, "request/body/id is read-only");
  if (typeof id !== "string" || !/^[a-zA-Z0-9_-]{1,16}$/.test(id)) {
    return refuse(400, "request/body/id Use only letters, digits, underscores, and hyphens for the ID");
  }
  const problem = checkData(body);
  if (problem !== undefined) return refuse(400, problem);
  if (store.credentials.has(id)) return refuse(409, "A credential with this ID already exists");
  const made = { id, name: String(name), type: String(type), data: dataOf(body) };
  store.credentials.set(id, made);
  return ok(shown(made));
}

function update(credential: StoredCredential, { body }: ApiCall): Answer {
  const { name = credential.name, type = credential.type } = body;
  if (typeof name !== "string" || name.length < 3 || name.length > 128) {
    return refuse(400, "request/body/name must NOT have fewer than 3 characters");
  }
  const problem = checkData({ data: credential.data, ...body, name, type });
  if (problem !== undefined) return refuse(400, problem);
  const data = body["isPartialData"] === true ? { ...credential.data, ...dataOf(body) } : dataOf(body);
  Object.assign(credential, { name, type, ...("data" in body && { data }) });
  return ok(shown(credential));
}

function checkData(body: Record<string, unknown>): string | undefined {
  for (const key of ["name", "type", "data"]) {
    if (!(key in body)) return `request/body must have required property '${key}'`;
  }
  const known = types[String(body["type"])];
  if (!known) return "req.body.type is not a known type";
  const extra = Object.keys(dataOf(body)).find((key) => !known.includes(key));
  return extra && `request.body.data is not allowed to have the additional property "${extra}"`;
}

const dataOf = (body: Record<string, unknown>) => (body["data"] ?? {}) as Record<string, unknown>;
const notAllowed = (method: string) => refuse(405, `${method} method not allowed`);

/** Never its data. */
const shown = ({ id, name, type }: StoredCredential) => ({ id, name, type, isManaged: false });
