import type { Child } from "hono/jsx";
import { z } from "zod";
import type { Ctx } from "../../context.ts";
import { notFound, unprocessable } from "../../errors.ts";
import type { Scope } from "../../members/scopes.ts";
import { isUuid } from "../../uuid.ts";

/** As of a route of the API: people of the platform only, or a department's as well, for their own. */
export interface PageAccess {
  callers: "platform" | "own";
  scope: Scope;
}

/** What a page or an action is asked: the path's parameters, the query or the form's fields, each once but `scopes`. */
export interface Asked {
  id: string;
  fields: Readonly<Record<string, string>>;
  all(name: string): string[];
}

export interface Shown {
  title: string;
  body: Child;
}

export interface ConsolePage {
  path: string;
  access: PageAccess;
  /** A page, or a download as it is. */
  show(ctx: Ctx, asked: Asked): Promise<Shown | Response>;
}

/** What a person is asked before something is destroyed. */
export interface Question {
  title: string;
  text: string;
  button: string;
  command: string;
}

export interface Done {
  /** Shown on the page of `location`. */
  message: string;
  location: string;
}

export interface ConsoleAction {
  path: string;
  access: PageAccess;
  question?(asked: Asked): Question;
  /** Where a page of its own answers, it holds what is shown once and never stored. */
  act(ctx: Ctx, asked: Asked): Promise<Done | Shown>;
}

/** Fields by the API's own schema; an empty one counts as left out. Throws 422 with one entry per problem. */
export function readFields<T extends z.ZodType>(schema: T, fields: Record<string, unknown>): z.output<T> {
  const given = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== "" && value !== undefined),
  );
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const errors = read.error.issues.map(({ path, message }) => ({
    path: path.map(String).join("."),
    message,
  }));
  throw unprocessable("invalid_request", "Some fields do not fit.", errors.slice(0, 50));
}

/** `:id` of the path. Throws 404 for what is no id: there is no such object. */
export function idOf({ id }: Asked): string {
  if (!isUuid(id)) throw notFound();
  return id;
}

/** A field's whole number; what is none stays as it is, for the schema to refuse. */
export function numberOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : text;
}
