import { type Answer, ok, refuse } from "./answer.ts";

/** A page of the rows: 100 of them unless told, 250 at most, and where the next one begins. */
export function answerPage(rows: readonly object[], query: URLSearchParams): Answer {
  const cursor = query.get("cursor");
  const asked = cursor === null ? { limit: Number(query.get("limit") ?? 100), offset: 0 } : decode(cursor);
  if (!asked) return refuse(400, "An invalid cursor was provided");
  const limit = Math.min(asked.limit, 250);
  const end = asked.offset + limit;
  const next = Buffer.from(JSON.stringify({ limit, offset: end })).toString("base64");
  return ok({ data: rows.slice(asked.offset, end), nextCursor: end < rows.length ? next : null });
}

function decode(cursor: string): { limit: number; offset: number } | undefined {
  try {
    return JSON.parse(Buffer.from(cursor, "base64").toString("utf8")) as { limit: number; offset: number };
  } catch {
    return undefined;
  }
}
