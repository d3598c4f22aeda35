import { badRequest } from "../errors.ts";
import { isUuid } from "../uuid.ts";

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface PageQuery {
  cursor?: string | undefined;
  limit: number;
}

/** A list that the API gives oldest first, the other way round. */
export interface NewestFirst {
  newestFirst?: boolean;
}

/** The id after which the page begins; ids are uuidv7, so the id is the age. Throws 400 for a cursor not of ours. */
export function idAfter(query: PageQuery): string | undefined {
  if (query.cursor === undefined) return undefined;
  const id = Buffer.from(query.cursor, "base64url").toString();
  if (!isUuid(id)) throw badRequest("bad_cursor", "The cursor is not one of ours.");
  return id;
}

/** A page of rows of which one more than the limit was asked for. */
export function pageOf<Item extends { id: string }>(rows: Item[], { limit }: PageQuery): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, next_cursor: more ? Buffer.from(last.id).toString("base64url") : null };
}
