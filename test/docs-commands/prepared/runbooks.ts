import postgres from "postgres";
import { anchorKey, anchorOutside } from "../anchor.ts";
import { departmentAdminKey } from "../department-admin.ts";
import { mendedRun, parkedRun } from "../departments.ts";
import { administratorUrl } from "../kept.ts";
import type { PreparedLine } from "../prepared-line.ts";
import type { DocsWorld } from "../world.ts";

export const ofRunbooks: readonly PreparedLine[] = [
  {
    page: "docs/runbooks/audit-chain-broken.md",
    line: "fed audit verify",
    before: async (world) => (await anchorKey(world), {}),
  },
  {
    page: "docs/runbooks/audit-chain-broken.md",
    line: "node evidence/verify-export.mjs",
    before: anchorOutside,
  },
  {
    page: "docs/runbooks/credentials-broken.md",
    line: 'curl -H "authorization: Bearer $KEY" "$URL/api/v1/departments/hr',
    before: async ({ url, key }) => ({ set: { URL: url, KEY: key } }),
  },
  {
    page: "docs/runbooks/credentials-broken.md",
    line: 'curl -H "authorization: Bearer $KEY" "$URL/api/v1/oauth',
    before: async (world) => ({ set: { KEY: await departmentAdminKey(world, "hr") } }),
  },
  {
    page: "docs/runbooks/queue-stuck.md",
    line: "fed status",
    before: async (world) => ({ replace: { "<run>": await parkedRun(world) } }),
    // The code of a run that has failed.
    exitCode: 6,
  },
  {
    page: "docs/runbooks/queue-stuck.md",
    line: "fed doctor",
    before: async ({ n8n }) => (n8n.refuse(false), {}),
  },
  {
    page: "docs/runbooks/queue-stuck.md",
    line: "fed retry",
    before: async (world) => ({ replace: { "<run>": await mendedRun(world) } }),
  },
  {
    page: "docs/runbooks/queue-stuck.md",
    line: "fed jobs keep-house --retry",
    before: async (world) => ({ replace: { "<id>": await failedJob(world, "keep-house") } }),
  },
];

/** A job of the queue that failed for good. */
async function failedJob(world: DocsWorld, queue: string): Promise<string> {
  const sql = postgres(await administratorUrl(world), { max: 1 });
  try {
    const [job] = await sql<{ id: string }[]>`
      insert into pgboss.job (name, state, completed_on) values (${queue}, 'failed', now()) returning id`;
    return job?.id ?? "no job";
  } finally {
    await sql.end();
  }
}
