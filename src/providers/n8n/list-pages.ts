import { z } from "zod";
import type { N8nRequest } from "./create-request.ts";
import { N8nError } from "./n8n-error.ts";

const page = z.object({ data: z.array(z.unknown()), nextCursor: z.string().nullish() });

/** The rows of all pages. Cursors are offsets: a row that moved while we read may come twice. */
export async function listPages(
  request: N8nRequest,
  path: string,
  query: Record<string, string>,
  signal: AbortSignal,
): Promise<unknown[]> {
  const rows: unknown[] = [];
  const seen = new Set<string>();
  for (let cursor: string | undefined; ;) {
    const part = { ...query, limit: "250", ...(cursor !== undefined && { cursor }) };
    const { data, nextCursor } = await request({ method: "GET", path, query: part, signal }, page);
    rows.push(...data);
    if (typeof nextCursor !== "string" || nextCursor === "") return rows;
    if (seen.has(nextCursor)) throw new N8nError("malformed", { detail: "the list has no end" });
    seen.add(nextCursor);
    cursor = nextCursor;
  }
}
