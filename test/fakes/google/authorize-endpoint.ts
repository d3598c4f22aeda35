// GET /o/oauth2/v2/auth: consents or refuses at once, as the test has set it, and sends the browser back.
import { randomBytes } from "node:crypto";
import { type Answer, refuse } from "./token-endpoint.ts";
import type { Account, Store } from "./store.ts";

/** What the person at the consent screen does; read at each visit. */
export interface Person {
  account: Account;
  /** Granular consent: only these of the scopes asked for. */
  grantsOnly?: readonly string[] | undefined;
  /** An `error` of the authorization endpoint instead of a code: `access_denied`, `admin_policy_enforced`. */
  refuses?: string | undefined;
}

/** A redirect to the client, or an error page where Google shows one. */
export function answerAuthorize(store: Store, person: Person, query: URLSearchParams): URL | Answer {
  const given = (name: string) => query.get(name) ?? "";
  const client = store.clients.get(given("client_id"));
  if (!client) return refuse(401, "invalid_client", "The OAuth client was not found.");
  if (client.isDeleted) return refuse(401, "deleted_client", "The OAuth client was deleted.");
  if (!client.redirectUris.includes(given("redirect_uri"))) return refuse(400, "redirect_uri_mismatch");
  if (given("response_type") !== "code") return refuse(400, "invalid_request");
  const back = new URL(given("redirect_uri"));
  if (query.has("state")) back.searchParams.set("state", given("state"));
  if (person.refuses !== undefined) {
    back.searchParams.set("error", person.refuses);
    return back;
  }
  const asked = given("scope").split(" ");
  // Google never gives less than what was asked of the identity.
  const identity = ["openid", "email", "profile"];
  const scopes = asked.filter(
    (scope) => identity.includes(scope) || (person.grantsOnly?.includes(scope) ?? true),
  );
  const isFirst = store.consent(client.clientId, person.account.subject);
  const code = `4/${randomBytes(24).toString("base64url")}`;
  store.codes.set(code, {
    clientId: client.clientId,
    redirectUri: back.origin + back.pathname,
    challenge: query.get("code_challenge") ?? undefined,
    nonce: query.get("nonce") ?? undefined,
    scopes,
    account: person.account,
    isOffline: given("access_type") === "offline" && (isFirst || given("prompt") === "consent"),
  });
  back.searchParams.set("code", code);
  back.searchParams.set("scope", scopes.join(" "));
  return back;
}
