import { expect } from "bun:test";
import { z } from "zod";
import { type Installation, until } from "../helpers/installation.ts";
import { runOf, type TestRun } from "./department.ts";
import { agentPids } from "./processes.ts";

const health = z.object({ checks: z.object({ tools: z.object({ names: z.array(z.string()) }) }) });

export async function submitUpgrade({ client }: Installation, slug: string): Promise<TestRun> {
  return runOf(await client.send("POST", `/departments/${slug}/upgrade`, {}));
}

/** Gives the department one more tool than it was made with; an upgrade brings it to the agent. */
export async function addTool({ client }: Installation, slug: string): Promise<void> {
  await client.send("PUT", `/departments/${slug}/config`, {
    expected_version: 1,
    config: {
      department_name: `Department ${slug}`,
      enabled_tools: ["database", "contacts"],
      admin_email: "admin@example.com",
    },
  });
}

/** One agent process, well, with these tools, of a department that is active. */
export async function expectRunning(at: Installation, run: TestRun, tools: string[]): Promise<void> {
  const [row] = await at.sql<{ status: string; url: string }[]>`
    select status, agent_url as url from federation.department where id = ${run.department}`;
  expect(row?.status).toBe("active");
  const answer = await until("the agent is ready", async () => {
    const response = await fetch(`${row?.url}/health`).catch(() => undefined);
    return response?.ok && response;
  });
  const { names } = health.parse(await answer.json()).checks.tools;
  for (const tool of ["search_documents", "search_contacts"])
    expect([tool, names.includes(tool)]).toEqual([tool, tools.includes(tool)]);
  await until("one process is left", () => Promise.resolve(agentPids(run.department)?.length === 1));
}
