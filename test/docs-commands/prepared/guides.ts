import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { anchorKey, anchorOutside, sealedEvent } from "../anchor.ts";
import { departmentAdminKey } from "../department-admin.ts";
import { legal, nothingOf } from "../departments.ts";
import type { PreparedLine } from "../prepared-line.ts";
import { fieldIn, idIn } from "../printed.ts";
import { root } from "../shell-lines.ts";
import type { DocsWorld } from "../world.ts";

const asAdmin = async ({ url, key }: DocsWorld) => ({ set: { URL: url, KEY: key } });

const firstDepartment: readonly Omit<PreparedLine, "page">[] = [
  {
    line: "fed plan -f legal.json",
    before: async (world) => {
      await nothingOf(world, "legal");
      await writeFile(
        join(world.directory, "legal.json"),
        await shownJson("docs/guides/first-department.md"),
      );
      return {};
    },
  },
  {
    line: "fed api-keys mint --department procurement",
    before: async ({ url }, printed) => ({ set: { URL: url, LEGAL: fieldIn(printed, "key") } }),
  },
  {
    line: 'curl -X PUT "$URL/api/v1/departments/legal/documents"',
    before: async (_, printed) => ({ set: { PROCUREMENT: fieldIn(printed, "key") } }),
  },
  // As the page says: without a grant it is refused, and curl's code for that is 22.
  { line: 'curl -X POST "$URL/api/v1/cross-dept/query"', exitCode: 22 },
  {
    line: "fed members add",
    before: async (_, printed) => ({ set: { GRANT: idIn(printed) } }),
  },
  {
    line: "fed api-keys mint --member",
    before: async (_, printed) => ({ replace: { "<id>": fieldIn(printed, "id") } }),
  },
  {
    line: 'FEDERATION_API_KEY="$ANNA" fed grants approve',
    before: async (_, printed) => ({
      set: { ANNA: fieldIn(printed, "key") },
      replace: { "<grant>": '"$GRANT"' },
    }),
  },
];

export const ofGuides: readonly PreparedLine[] = [
  ...firstDepartment.map((entry) => ({ page: "docs/guides/first-department.md", ...entry })),
  {
    page: "docs/guides/audit.md",
    line: "fed audit verify",
    before: async (world) => (await anchorKey(world), {}),
  },
  { page: "docs/guides/audit.md", line: "node evidence/verify-export.mjs", before: anchorOutside },
  {
    page: "docs/guides/audit.md",
    line: "fed audit prove",
    before: async (world) => ({ replace: { "<stream>/<seq>": await sealedEvent(world) } }),
  },
  {
    page: "docs/guides/connect-google.md",
    line: "fed oauth-clients add",
    before: async (world) => (await downloadClient(world), {}),
  },
  {
    page: "docs/guides/connect-google.md",
    line: "curl ",
    before: async (world) => ({ set: { URL: world.url, KEY: await departmentAdminKey(world, "hr") } }),
  },
  {
    page: "docs/guides/connect-n8n.md",
    line: "fed drift legal --now",
    before: async (world) => (await legal(world), {}),
  },
  { page: "docs/guides/monitoring.md", line: "curl ", before: asAdmin },
  {
    page: "docs/guides/notifications.md",
    line: "fed webhooks add",
    before: async ({ directory }) => {
      await writeFile(join(directory, "slack-url"), "https://hooks.example.org/services/T1/B1/docs");
      return { replace: { "--description operators": "--description operators < slack-url" } };
    },
  },
  {
    page: "docs/guides/notifications.md",
    line: "fed webhooks test",
    before: async (_, printed) => ({ replace: { "<id>": idIn(printed) } }),
  },
  {
    page: "docs/guides/promote.md",
    line: "fed release create spring",
    before: async () => ({ replace: { "@sha256:…": `@sha256:${"0".repeat(64)}` } }),
  },
  // As the page says: without a rollout and a day of health something is missing.
  { page: "docs/guides/promote.md", line: "fed promote spring", exitCode: 5 },
  { page: "docs/guides/receive-webhooks.md", line: "curl ", before: asAdmin },
];

/** The file that a page shows. */
async function shownJson(page: string): Promise<string> {
  const text = await Bun.file(join(root, page)).text();
  return /^```json\n(.*?)^```/ms.exec(text)?.[1] ?? "";
}

/** What Google's console gives for a client with our redirect URI. */
async function downloadClient({ directory, url }: DocsWorld): Promise<void> {
  const web = {
    client_id: "1-docs.apps.googleusercontent.com",
    client_secret: "GOCSPX-docs",
    project_id: "docs",
    redirect_uris: [`${url}/oauth/callback`],
  };
  await writeFile(join(directory, "client_secret_1.json"), JSON.stringify({ web }), { mode: 0o600 });
}
