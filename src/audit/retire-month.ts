import { createHash } from "node:crypto";
import { verifyExport } from "../../templates/audit/verify-export.mjs";
import type { Artifacts } from "../artifacts/artifacts.ts";
import type { Vault } from "../crypto/vault.ts";
import { type Sql, withTx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { AnchorDirectory } from "./anchor-directory.ts";
import { appendAudit, PLATFORM_STREAM } from "./append.ts";
import { auditPublicKeys } from "./audit-key.ts";
import { exportTrail } from "./export-trail.ts";

interface Means {
  sql: Sql;
  anchor: AnchorDirectory;
  vault: Pick<Vault, "seal" | "open">;
  artifacts: Artifacts;
}

/** Months that ended 24 months ago or earlier and are still there, as `YYYYMM`, oldest first. */
export async function retirableMonths(sql: Sql): Promise<string[]> {
  const rows = await sql<{ month: string }[]>`
    select substring(c.relname from 'event_([0-9]{6})') as month
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'audit.event'::regclass and c.relname ~ '^event_[0-9]{6}$'
      and to_date(substring(c.relname from 'event_([0-9]{6})'), 'YYYYMM') + interval '25 months'
        <= clock_timestamp() at time zone 'UTC'
    order by 1`;
  return rows.map(({ month }) => month);
}

/**
 * Exports a month into the artifacts, verifies what lies there, then drops it; interrupted anywhere, the next call goes
 * on. Throws `audit_export_broken` when the trail does not verify: then nothing is dropped.
 */
export async function retireMonth(
  means: Means,
  month: string,
): Promise<{ location: string; events: number }> {
  const { sql, artifacts, anchor } = means;
  const location = `audit/${month}.ndjson`;
  await artifacts.write(location, exportTrail(means, spanOf(month)));
  const digest = createHash("sha256");
  const verified = await verifyExport(counted(await artifacts.read(location), digest), {
    key: [...(await auditPublicKeys(sql)).values()],
    ...((await anchor.last()) > 0 && { anchor: anchor.path }),
  });
  if (verified.problems.length > 0)
    throw new FederationError(
      "audit_export_broken",
      `The export of ${month} does not verify: ${verified.first_bad}`,
    );
  const sha256 = digest.digest("hex");
  await withTx(sql, async (tx) => {
    await tx`set local lock_timeout = '5s'`;
    await tx`select audit.note_export(${month}, ${location}, ${sha256}, ${verified.events})`;
    await tx`select audit.drop_month(${month})`;
    const event = { stream: PLATFORM_STREAM, actor: "retain-audit", actorKind: "system" as const };
    const meta = { location, sha256, events: verified.events };
    await appendAudit(tx, [{ ...event, action: "audit.retire", target: month, decision: "done", meta }]);
  });
  return { location, events: verified.events };
}

function spanOf(month: string) {
  const at = (months: number) =>
    Date.UTC(Number(month.slice(0, 4)), Number(month.slice(4)) - 1 + months) * 1000;
  return { fromUs: at(0), untilUs: at(1) };
}

async function* counted(stream: ReadableStream<Uint8Array>, digest: ReturnType<typeof createHash>) {
  for await (const chunk of stream) {
    digest.update(chunk);
    yield chunk;
  }
}
