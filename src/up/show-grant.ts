import { z } from "zod";
import { ApiError, type Client } from "../client/client.ts";
import { FederationError } from "../errors.ts";
import { asDepartment } from "./as-department.ts";
import { asDepartmentAdmin } from "./as-department-admin.ts";

const reason = "example of npm start";
const scopes = ["grants:read", "grants:write", "audit:read"];
const wish = { target_department_id: "hr", permission: "search", resource: "documents" };

/** Accounting asks HR: refused, granted, answered, revoked, refused; then why, from the record of both. */
export async function showGrant(admin: Client, url: string, say: (line: string) => void): Promise<void> {
  const ours = { department: "accounting", email: "accounting-admin@example.com", scopes };
  const theirs = { department: "hr", email: "hr-admin@example.com", scopes };
  await asDepartmentAdmin(admin, url, ours, (source) =>
    asDepartmentAdmin(admin, url, theirs, (target) =>
      asDepartment(admin, url, { slug: "accounting", scopes: ["query"] }, async (accounting) => {
        const people = { source, target, accounting };
        if (await isFree(people, say)) await goThrough(people, say);
      }),
    ),
  );
  await showVerified(admin, say);
}

interface People {
  source: Client;
  target: Client;
  /** The department's own machine. */
  accounting: Client;
}

const grant = z.object({ id: z.string(), status: z.string(), expires_at: z.string().nullable() });

async function goThrough({ source, target, accounting }: People, say: (line: string) => void): Promise<void> {
  const own = answered.parse(await ask(accounting, "accounting", "travel"));
  say(`accounting asks accounting: ${own.results_count} documents about travel`);
  const before = await refusalOf(accounting);
  say(`accounting asks hr: refused (${before.code})`);
  const asked = await source.send("POST", "/grants", { ...wish, reason, expires_in_days: 7 });
  const { id } = grant.parse(asked);
  say("accounting's admin asks hr for a grant: search documents for 7 days");
  const approved = grant.parse(await target.send("POST", `/grants/${id}/approve`, { expires_in_days: 1 }));
  say(`hr's admin approves it until ${approved.expires_at}`);
  const answer = answered.parse(await ask(accounting, "hr", "leave"));
  say(`accounting asks hr: ${answer.results_count} documents about leave`);
  await target.send("POST", `/grants/${id}/revoke`, { reason });
  const after = await refusalOf(accounting);
  say(`hr's admin revokes it; accounting asks hr: refused (${after.code})`);
  await showRecord({ source, target }, [before.requestId, answer.query_id, after.requestId], say);
}

const verified = z.object({
  ok: z.boolean(),
  events: z.number(),
  streams: z.number(),
  problems: z.array(z.string()),
});

/** The whole trail, recomputed. */
async function showVerified(admin: Client, say: (line: string) => void): Promise<void> {
  const { ok, events, streams, problems } = verified.parse(await admin.get("/audit/verify"));
  if (!ok) throw new FederationError("example_failed", `The audit does not verify: ${problems.join("; ")}`);
  say(`audit verified: ${events} events in ${streams} streams, nothing changed`);
}

const answered = z.object({ results_count: z.number(), query_id: z.string() });

const ask = (client: Client, target: string, query: string) =>
  client.send("POST", "/cross-dept/query", {
    target_department_id: target,
    query_type: "search_documents",
    query_params: { query },
    reason,
  });

async function refusalOf(accounting: Client): Promise<ApiError> {
  const refused = await ask(accounting, "hr", "leave").catch((error: unknown) => error);
  if (refused instanceof ApiError) return refused;
  throw new FederationError("example_failed", "HR answered without a grant.");
}

const log = z.object({
  events: z.array(
    z.object({ at: z.string(), decision: z.string(), why: z.string(), query_type: z.string() }),
  ),
});

/** What the decision log says: all of it to who asked, to who was asked what it answered, in the same words. */
async function showRecord(
  { source, target }: Pick<People, "source" | "target">,
  queryIds: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  for (const id of queryIds) {
    const [event] = await eventsOf(source, id);
    if (!event) throw new FederationError("example_failed", "A question is not on record.");
    const theirs = event.decision === "allowed" ? await eventsOf(target, id) : [event];
    if (JSON.stringify(theirs) !== JSON.stringify([event]))
      throw new FederationError("example_failed", "The question is not on record for both sides.");
    say(`on record as ${id}: ${event.query_type} ${event.decision} (${event.why})`);
  }
}

const eventsOf = async (client: Client, queryId: string) =>
  log.parse(await client.get(`/cross-dept/audit-log/${queryId}`)).events;

const page = z.object({
  items: z.array(z.object({ id: z.string(), source_department_id: z.string(), reason: z.string() })),
});

/** Ends what an interrupted start left open. False when there is a grant that somebody made for use: it stays. */
async function isFree({ target }: People, say: (line: string) => void): Promise<boolean> {
  const found = await Promise.all(
    ["requested", "approved"].map((status) => target.get(`/grants?status=${status}&limit=200`)),
  );
  const open = found
    .flatMap((answer) => page.parse(answer).items)
    .filter((item) => item.source_department_id === "accounting");
  if (open.some((item) => item.reason !== reason)) {
    say("accounting has asked hr for a grant: the example of one is left out");
    return false;
  }
  for (const { id } of open) await target.send("POST", `/grants/${id}/revoke`, { reason });
  return true;
}
