import { expect } from "bun:test";
import { z } from "zod";
import { asDepartment } from "../../src/up/as-department.ts";
import { type Installation, until } from "../helpers/installation.ts";
import { callTool } from "./agent.ts";
import { submitProvision, type TestRun, untilRun } from "./department.ts";
import { auditedActions } from "./expect-department.ts";

const found = z.object({ result: z.looseObject({ results: z.array(z.looseObject({ name: z.string() })) }) });

/**
 * Submits that many departments at once, expects each to be active once, then asks every agent for a word that is in
 * the documents of all: each answers its own document and no other. Answers how long the runs took, in seconds.
 */
export async function burst(at: Installation, count: number) {
  const runs = await Promise.all(Array.from({ length: count }, () => submitProvision(at)));
  expect(new Set(runs.map((run) => run.id)).size).toBe(count);
  for (const run of runs) await untilRun(at, run.id, "succeeded");
  const [times] = await at.sql<{ last: number; longestWait: number }[]>`
    select extract(epoch from max(finished_at) - min(created_at))::float8 as last,
      max(extract(epoch from started_at - created_at))::float8 as "longestWait" from federation.run`;
  for (const run of runs) {
    await putOwnDocument(at, run);
    expect((await auditedActions(at, run.department)).get("department.activate")).toBe(1);
  }
  for (const run of runs) {
    const { json } = await until("the agent's key counts, within a second of its activation", async () => {
      const answer = await callTool(at, run, "search_documents", { query: "shared" });
      return answer.status === 403 ? undefined : answer;
    });
    expect(found.parse(json).result.results.map(({ name }) => name)).toEqual([`of ${run.slug}`]);
  }
  return times;
}

async function putOwnDocument(at: Installation, { slug }: TestRun) {
  const document = { external_id: "1", source: "test", name: `of ${slug}`, text: "a word shared by all" };
  await asDepartment(at.client, at.url, { slug, scopes: ["data:write"] }, (own) =>
    own.send("PUT", `/departments/${slug}/documents`, { items: [document] }),
  );
}
