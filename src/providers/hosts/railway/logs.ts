import { ask } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { listDeployments } from "./deployments.ts";
import { hasService, readPlace } from "./places.ts";

/** The newest deployment's last lines. */
export async function agentLogs(
  ctx: RailwayContext,
  departmentId: string,
  tailLines: number,
  signal: AbortSignal,
): Promise<string[]> {
  const place = await readPlace(ctx.sql, departmentId);
  if (!place || !hasService(place)) return [];
  const [newest] = await listDeployments(ctx, place, signal);
  if (!newest) return [];
  const lines = await ask(ctx, place, { signal }, (call) =>
    ctx.client.listLogLines(newest.id, tailLines, call),
  );
  return lines.slice(-tailLines);
}
