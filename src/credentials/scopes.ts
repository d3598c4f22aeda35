import type { DepartmentConfig } from "../config-schema/department.ts";

type Tool = DepartmentConfig["enabled_tools"][number];

const google = (name: string) => `https://www.googleapis.com/auth/${name}`;

/** What each tool needs at Google; the others need nothing. */
const toolScopes: Partial<Record<Tool, readonly string[]>> = {
  email: [google("gmail.modify")],
  google_drive: [google("drive.readonly")],
  file_download_email: [google("gmail.readonly"), google("drive.file")],
  calendar: [google("calendar.events")],
  contacts: [google("contacts.readonly")],
};

/** A scope that comes with another one is not asked for beside it: the person would be asked twice for one thing. */
const comesWith: Readonly<Record<string, string>> = { [google("gmail.readonly")]: google("gmail.modify") };

/** Who the account is: asked for with every consent. */
const identityScopes = ["openid", "email"];

/** The scopes a department's tools need, with those of identity; empty when no tool needs Google. */
export function scopesOfTools(tools: readonly Tool[]): string[] {
  const all = new Set(tools.flatMap((tool) => toolScopes[tool] ?? []));
  const needed = [...all].filter((scope) => !all.has(comesWith[scope] ?? "")).sort();
  return needed.length === 0 ? [] : [...identityScopes, ...needed];
}

/** What was asked for and not granted: a person may untick some. Identity is not counted, Google spells it otherwise. */
export function missingScopes(wanted: readonly string[], granted: readonly string[]): string[] {
  const has = (scope: string) => granted.includes(scope) || granted.includes(comesWith[scope] ?? "");
  return wanted.filter((scope) => !identityScopes.includes(scope) && !has(scope));
}
