import { expect, test } from "bun:test";
import { missingScopes, scopesOfTools } from "../../src/credentials/scopes.ts";

const google = (...names: string[]) => names.map((name) => `https://www.googleapis.com/auth/${name}`);

test("tools that need nothing of Google ask for nothing, not even who the account is", () => {
  expect(scopesOfTools(["database", "vector_store", "agent_context"])).toEqual([]);
});

test("every tool asks for what it needs, once, with the account's identity", () => {
  expect(scopesOfTools(["google_drive", "database"])).toEqual([
    "openid",
    "email",
    ...google("drive.readonly"),
  ]);
  expect(scopesOfTools(["file_download_email"]).slice(2)).toEqual(google("drive.file", "gmail.readonly"));
  expect(scopesOfTools(["calendar", "contacts"]).slice(2)).toEqual(
    google("calendar.events", "contacts.readonly"),
  );
});

test("reading mail is not asked for beside changing it, and comes with it", () => {
  expect(scopesOfTools(["email", "file_download_email"]).slice(2)).toEqual(
    google("drive.file", "gmail.modify"),
  );
  expect(missingScopes(google("gmail.readonly"), google("gmail.modify"))).toEqual([]);
  expect(missingScopes(google("gmail.modify"), google("gmail.readonly"))).toEqual(google("gmail.modify"));
});

test("what was not granted is missing; identity, which Google spells otherwise, is not", () => {
  const wanted = scopesOfTools(["email", "calendar"]);
  expect(missingScopes(wanted, [...google("calendar.events"), "openid"])).toEqual(google("gmail.modify"));
});
