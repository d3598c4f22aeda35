import { z } from "zod";
import { appendAudit } from "../../audit/append.ts";
import type { DepartmentConfig } from "../../config-schema/department.ts";
import type { Ctx } from "../../context.ts";
import { randomToken } from "../../crypto/random-token.ts";
import { type Tx, withTx } from "../../db/tx.ts";
import { type Department, resolveDepartment } from "../../departments/resolve.ts";
import { conflict, unprocessable } from "../../errors.ts";
import { auditActor } from "../../members/audit-actor.ts";
import { leaseClient } from "../../oauth-clients/lease.ts";
import { recordLease } from "../../oauth-clients/record-lease.ts";
import { tellWhenLow } from "../../oauth-clients/tell-when-low.ts";
import { ensureCredential } from "../ensure-credential.ts";
import { scopesOfTools } from "../scopes.ts";
import { consentSeconds, hashToken } from "./consent.ts";

export const consentStarted = z.object({
  /** Opened once, in the browser of who consents. */
  consent_url: z.url(),
  expires_at: z.string().meta({ format: "date-time" }),
  scopes: z.array(z.string()),
});
export type ConsentStarted = z.infer<typeof consentStarted>;

/**
 * A link by which a person consents for the department at Google. Leases a client if it has none yet. Throws 404 for
 * another department, 409 `department_not_ready`, `google_not_needed` and `oauth_pool_empty`.
 */
export async function startConsent(ctx: Ctx, departmentId: string | undefined): Promise<ConsentStarted> {
  const wanted = departmentId ?? ctx.caller.departmentId;
  if (wanted === undefined) {
    throw unprocessable("invalid_request", "Name the department.", [
      { path: "department_id", message: "is missing" },
    ]);
  }
  const started = await withTx(ctx.db.app, async (tx) => {
    const department = await resolveDepartment(ctx, wanted, tx);
    await lockLive(tx, department);
    const scopes = scopesOfTools(await readTools(tx, department));
    if (scopes.length === 0) throw conflict("google_not_needed", "No tool of the department needs Google.");
    const client = await leaseClient(tx, department.id);
    if (!client) return undefined;
    if (client.isNew) await recordLease(tx, department.id, client.clientId, "consent");
    const credential = await ensureCredential(tx, department.id, { clientRow: client.id, scopes });
    const ticket = randomToken();
    const expires_at = await insertConsent(ctx, tx, department.id, ticket);
    const event = { ...auditActor(ctx), stream: department.id, action: "consent.start", target: credential };
    await appendAudit(tx, [{ ...event, decision: "done" }]);
    return {
      consent_url: new URL(`/oauth/consent/${ticket}`, ctx.config.publicUrl).href,
      expires_at,
      scopes,
    };
  });
  await tellWhenLow({ sql: ctx.db.app, log: ctx.log });
  if (!started) throw conflict("oauth_pool_empty", "There is no free Google client; the operators are told.");
  return started;
}

/** Waits for a lockdown or another start that is under way, and sees it. */
async function lockLive(tx: Tx, { id }: Department): Promise<void> {
  const live = await tx`select from federation.department
    where id = ${id} and status in ('provisioning', 'active', 'degraded') for no key update`;
  if (live.count === 0) throw conflict("department_not_ready", "The department is not active.");
}

async function readTools(
  tx: Tx,
  { id, configVersion }: Department,
): Promise<DepartmentConfig["enabled_tools"]> {
  const [row] = await tx<{ tools: DepartmentConfig["enabled_tools"] }[]>`
    select document -> 'enabled_tools' as tools from federation.department_config
    where department_id = ${id} and version = ${configVersion}`;
  return row?.tools ?? [];
}

async function insertConsent(ctx: Ctx, tx: Tx, departmentId: string, ticket: string): Promise<string> {
  const [row] = await tx<{ expires_at: string }[]>`
    insert into federation.oauth_consent (id, department_id, requested_by, ticket_hash, expires_at)
    values (${Bun.randomUUIDv7()}, ${departmentId}, ${ctx.caller.id}, ${hashToken(ticket)},
      clock_timestamp() + make_interval(secs => ${consentSeconds}))
    returning to_json(expires_at)#>>'{}' as expires_at`;
  return row?.expires_at ?? "";
}
