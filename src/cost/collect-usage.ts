import type { Sql } from "../db/tx.ts";
import type { Host } from "../providers/hosts/host.ts";

const timeoutMs = 120_000;

/**
 * Asks the host what it metered of each of its departments on the last two full days (UTC), and keeps it; repeating it
 * changes nothing. One that cannot be read keeps nobody from the others. Answers how many were kept and how many failed.
 */
export async function collectUsage(
  sql: Sql,
  host: Host,
  onError: (error: unknown, departmentId: string) => void,
): Promise<{ kept: number; failed: number }> {
  const counts = { kept: 0, failed: 0 };
  if (!host.usage) return counts;
  const rows = await sql<{ id: string }[]>`
    select id from federation.department where host = ${host.name} and status <> 'deprovisioned' order by id`;
  for (const { id } of rows) {
    for (const from of lastDays()) {
      const to = new Date(from.getTime() + dayMs);
      try {
        const usage = await host.usage(id, { from, to }, AbortSignal.timeout(timeoutMs));
        await keep(sql, { id, host: host.name, day: from }, usage);
        counts.kept += 1;
      } catch (error) {
        counts.failed += 1;
        onError(error, id);
      }
    }
  }
  return counts;
}

const dayMs = 86_400_000;

function lastDays(): Date[] {
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  return [new Date(today - 2 * dayMs), new Date(today - dayMs)];
}

async function keep(
  sql: Sql,
  { id, host, day }: { id: string; host: string; day: Date },
  usage: Awaited<ReturnType<NonNullable<Host["usage"]>>>,
): Promise<void> {
  await sql`
    insert into federation.host_usage (department_id, host, day, vcpu_minutes, memory_gb_minutes, egress_gb, disk_gb_minutes)
    values (${id}, ${host}, ${day.toISOString().slice(0, 10)}, ${usage.vcpuMinutes}, ${usage.memoryGbMinutes},
      ${usage.egressGb}, ${usage.diskGbMinutes})
    on conflict (department_id, host, day) do update set vcpu_minutes = excluded.vcpu_minutes,
      memory_gb_minutes = excluded.memory_gb_minutes, egress_gb = excluded.egress_gb,
      disk_gb_minutes = excluded.disk_gb_minutes, collected_at = clock_timestamp()`;
}
