import { z } from "zod";
import { type Installation, until } from "../helpers/installation.ts";

export interface TestRun {
  id: string;
  department: string;
  slug: string;
}

export interface RunRow {
  status: string;
  epoch: number;
  over: boolean;
  lease: string | null;
  error: string | null;
  department: string;
  steps: Record<string, { status: string; attempt: number; error: string | null }>;
}

const accepted = z.object({ provisioning_id: z.string(), department: z.string(), department_id: z.string() });

export const departmentBody = (slug: string, customConfig: object = {}) => ({
  department_id: slug,
  department_name: `Department ${slug}`,
  enabled_tools: ["database"],
  admin_email: "admin@example.com",
  custom_config: customConfig,
});

export const randomSlug = () => `d-${crypto.randomUUID().slice(0, 13)}`;

export async function submitProvision(
  { client }: Installation,
  slug = randomSlug(),
  customConfig: object = {},
): Promise<TestRun> {
  return runOf(await client.send("POST", "/provision-department", departmentBody(slug, customConfig)));
}

export async function submitDeprovision(
  { client }: Installation,
  slug: string,
  graceHours = 0,
): Promise<TestRun> {
  const body = { grace_hours: graceHours, export: true };
  return runOf(await client.send("DELETE", `/deprovision/${slug}`, body));
}

export function runOf(answer: unknown): TestRun {
  const { provisioning_id: id, department, department_id: slug } = accepted.parse(answer);
  return { id, department, slug };
}

export async function readRun({ sql }: Installation, id: string): Promise<RunRow> {
  const [row] = await sql<RunRow[]>`
    select r.status, r.epoch, r.finished_at is not null as over, r.lease_owner as lease, r.error_code as error,
      d.status as department,
      (select jsonb_object_agg(s.name, jsonb_build_object('status', s.status, 'attempt', s.attempt, 'error', s.error_code)
        order by s.position) from federation.step s where s.run_id = r.id) as steps
    from federation.run r join federation.department d on d.id = r.department_id where r.id = ${id}`;
  if (!row) throw new Error(`there is no run ${id}`);
  return row;
}

/** Resolves when the run has one of these statuses; says where it hangs when it does not within 40 s. */
export async function untilRun(at: Installation, id: string, ...statuses: string[]): Promise<RunRow> {
  let row: RunRow | undefined;
  try {
    return await until(
      "",
      async () => {
        row = await readRun(at, id);
        return statuses.includes(row.status) && row;
      },
      40,
    );
  } catch (cause) {
    throw new Error(`the run did not become ${statuses.join(" or ")}: ${JSON.stringify(row)}`, { cause });
  }
}

/** A department that is active; nothing is armed meanwhile. */
export async function provision(at: Installation, slug?: string): Promise<TestRun> {
  const run = await submitProvision(at, slug);
  await untilRun(at, run.id, "succeeded");
  return run;
}
