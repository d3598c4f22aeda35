import type { World } from "./world.ts";

/** By what stands before `:id` in a page's path. */
export type Samples = Readonly<Record<string, string>>;

/** The path of a mounted page with an id that has something to be seen. Throws where this file has no sample for it. */
export function samplePath(path: string, samples: Samples): string {
  const [, noun = ""] = /^\/(.+)\/:id/.exec(path) ?? [];
  const sample = samples[noun];
  if (path.includes(":id") && sample === undefined) throw new Error(`${path} has no sample in samples.ts`);
  return path.replace(":id", sample ?? "");
}

/** Something on every page: an alert, drift, a rollout under way, a rotation. */
export async function makeSamples({ edge, source, target }: World): Promise<Samples> {
  const call = async (path: string, body: object, key = edge.adminKey) => {
    const { status, json, text } = await edge.call("POST", `/api/v1${path}`, { key, body });
    if (status >= 300) throw new Error(text);
    return json;
  };
  const run = await call("/provision-department", {
    department_id: "made",
    department_name: "Made",
    enabled_tools: ["email"],
    admin_email: "a@example.org",
  });
  const endpoint = await call("/webhook-endpoints", { url: "https://example.org/sample" });
  const release = await call("/releases", { name: "sample" });
  const rollout = await call("/rollouts", { release: "sample" });
  await edge.sql`insert into federation.drift_report (department_id, in_sync, report, checked_at, found_at)
    values (${source.id}, false, ${edge.sql.json(drifted)}, now(), now())`;
  for (const status of ["firing", "resolved"])
    await edge.sql`insert into federation.alert (id, name, subject, department_id, severity, summary, status, resolved_at)
      values (${Bun.randomUUIDv7()}, 'agent_down', ${source.id}, ${source.id}, 'critical', 'Its agent does not answer.',
        ${status}, ${status === "firing" ? null : new Date()})`;
  await call("/keys/rotate", { platform: true });
  return {
    departments: source.id,
    runs: String(run.provisioning_id),
    webhooks: String(endpoint.id),
    releases: String(release.id),
    rollouts: String(rollout.id),
    jobs: "look-for-drift",
    "audit/questions": await askedQuestion(edge.call, source.key, target.slug),
  };
}

/** Nothing allows it: a question that was refused has a page, too. */
async function askedQuestion(call: World["edge"]["call"], key: string, target: string): Promise<string> {
  const body = {
    target_department_id: target,
    query_type: "search_documents",
    query_params: { query: "x" },
    reason: "a test",
  };
  const { headers } = await call("POST", "/api/v1/cross-dept/query", { key, body });
  return headers.get("x-request-id") ?? "";
}

const drifted = {
  workflows: [
    {
      key: "mail",
      name: "[hr] mail",
      id: "1",
      problems: ["changed"],
      template_version: 2,
      live_version: 2,
      changes: [{ path: "nodes.0.disabled", change: "changed", from: false, to: true }],
    },
  ],
  credentials: [{ name: "[hr] database", id: null, problems: ["missing"] }],
  leftovers: [{ kind: "workflow", id: "2", name: "[hr] mail (2)" }],
  foreign: [],
  host: [{ part: "image", name: "image", change: "changed", wanted: "agent:2", found: "agent:1" }],
  database: ["table documents: policy own_rows is missing"],
  unknown: [{ part: "host", code: "timeout", message: "It did not answer.", retry_after_seconds: null }],
};
