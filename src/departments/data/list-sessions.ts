import type { Ctx } from "../../context.ts";
import type { Page, PageQuery } from "../../db/cursor.ts";
import { badRequest } from "../../errors.ts";
import { isUuid } from "../../uuid.ts";
import { instant } from "./batch.ts";
import { noSession } from "./context.ts";
import { onRecord } from "./on-record.ts";
import type { SessionView } from "./session.ts";
import { sessionColumns } from "./session-columns.ts";

/** The department's conversations, newest first; the look is on record. Throws 400 `bad_cursor`. */
export async function listSessions(ctx: Ctx, idOrSlug: string, query: PageQuery): Promise<Page<SessionView>> {
  const before = readCursor(query.cursor);
  const access = { action: "session.list", meta: { limit: query.limit } };
  const rows = await onRecord(
    ctx,
    idOrSlug,
    access,
    (tx, { schemaName }) => tx<SessionView[]>`
      select ${sessionColumns(tx)} from ${tx(schemaName)}.session s
      where s.id <> ${noSession}
        and ${before ? tx`(s.started_at, s.id) < (${before.startedAt}::timestamptz, ${before.id}::uuid)` : tx`true`}
      order by s.started_at desc, s.id desc limit ${query.limit + 1}`,
  );
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > query.limit && last ? cursorOf(last) : null };
}

const cursorOf = ({ started_at, id }: SessionView) =>
  Buffer.from(`${started_at} ${id}`).toString("base64url");

function readCursor(cursor: string | undefined): { startedAt: string; id: string } | undefined {
  if (cursor === undefined) return undefined;
  const [startedAt, id = ""] = Buffer.from(cursor, "base64url").toString().split(" ");
  if (!instant.safeParse(startedAt).success || startedAt === undefined || !isUuid(id))
    throw badRequest("bad_cursor", "The cursor is not one of ours.");
  return { startedAt, id };
}
