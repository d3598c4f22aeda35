import type { DockerContext } from "./context.ts";
import { findService } from "./services.ts";

const headerBytes = 8;

/** The agent's last lines, of all replicas, oldest first; empty where there is no agent. */
export async function serviceLogs(
  ctx: DockerContext,
  departmentId: string,
  { tailLines }: { tailLines: number },
  signal: AbortSignal,
): Promise<string[]> {
  const service = await findService(ctx, departmentId, signal);
  if (!service) return [];
  const query = { stdout: "1", stderr: "1", timestamps: "1", tail: String(tailLines) };
  const path = `/services/${service.ID}/logs`;
  const lines = linesOf(await ctx.engine.bytes({ path, query, signal })).toSorted();
  return lines.slice(-tailLines).map((line) => line.slice(line.indexOf(" ") + 1));
}

/**
 * The lines in a multiplexed stream, one a frame: a byte for stdout or stderr, three of nothing, four for the size, and
 * so many of text. https://docs.docker.com/reference/api/engine/ (attach, "Stream format")
 */
function linesOf(stream: Uint8Array): string[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const lines: string[] = [];
  for (let at = 0; at + headerBytes <= stream.length;) {
    const from = at + headerBytes;
    const end = from + view.getUint32(at + 4);
    lines.push(new TextDecoder().decode(stream.subarray(from, end)).trimEnd());
    at = end;
  }
  return lines;
}
