import type { Json } from "../../json.ts";

/** What the reference shows of an operation; test/http/examples.test.ts parses each by the route's own schema. */
export interface Example {
  body?: Json;
  /** By status. */
  answers?: Readonly<Record<number, Json>>;
}

/** By the operation's id. */
export type Examples = Readonly<Record<string, Example>>;

/** The last page of a list. */
export const page = (...items: Json[]) => ({ items, next_cursor: null });
