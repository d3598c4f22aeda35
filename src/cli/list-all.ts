import { z } from "zod";
import type { Client } from "../client/client.ts";

/** All items of a list of the API, page by page; `query` narrows it. */
export async function listAll<T>(
  client: Client,
  path: string,
  item: z.ZodType<T>,
  query: Record<string, string> = {},
): Promise<T[]> {
  const page = z.object({ items: z.array(item), next_cursor: z.string().nullable() });
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const search = new URLSearchParams({ limit: "200", ...query, ...(cursor && { cursor }) });
    const answer: { items: T[]; next_cursor: string | null } = page.parse(
      await client.get(`${path}?${search}`),
    );
    items.push(...answer.items);
    cursor = answer.next_cursor;
  } while (cursor !== null);
  return items;
}
