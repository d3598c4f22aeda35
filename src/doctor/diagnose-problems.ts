import type { FieldError } from "../errors.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** What src/config.ts refuses, with what to do; no check can look further than that. */
export function diagnoseProblems(problems: readonly FieldError[]): Diagnosis[] {
  return problems.map(({ path, message }) => ({
    level: "error",
    what: `${path}: ${message}`,
    remedy: remedies.find(([of]) => of.test(`${path}: ${message}`))?.[1] ?? "README.md says what it may be.",
  }));
}

const remedies: readonly [RegExp, string][] = [
  [
    /^PUBLIC_URL: must be https/,
    "Put TLS in front of web and name that address, or set FEDERATION_ENV=staging in a new installation.",
  ],
  [
    /^DATABASE_\w*URL: needs sslmode/,
    "Give the server a certificate for its name and add ?sslmode=verify-full, or use its unix socket.",
  ],
  [/^(OAUTH|OIDC)_ISSUER: must be https/, "Name the issuer's https address."],
  [/^DATABASE_URL: is required/, "Run `fed init` against your Postgres and set what it prints."],
  [/^FEDERATION_KEK: is required/, "Run `fed init`; keep the key outside the database and its backups."],
  [
    /^AGENT_IMAGE: is required/,
    "Build the image of templates/agent, or name a published one, best by digest.",
  ],
  [/is required beside/, "Set it as well, or none of them."],
  [/_FILE: names a file/, "Let the process's user read it, and see that it is not empty."],
];
