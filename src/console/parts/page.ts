import type { Child } from "hono/jsx";
import { z } from "zod";
import type { Caller, Ctx } from "../../context.ts";
import { notFound } from "../../errors.ts";
import { departmentName } from "../../http/params.ts";
import { refusalOf } from "../../http/refusal-of.ts";
import { invalid } from "../../http/validate.ts";
import type { Scope } from "../../members/scopes.ts";
import { isUuid } from "../../uuid.ts";

/** As of a route of the API: people of the platform only, or a department's as well, for their own. */
export interface PageAccess {
  callers: "platform" | "own";
  scope: Scope;
}

/** What a page or an action is asked. */
export interface Asked {
  /** `:id` of the path, as it was written. */
  id: string;
  /** The query or the form, each field once. */
  fields: Readonly<Record<string, string>>;
  form: URLSearchParams;
}

export interface Shown {
  title: string;
  body: Child;
  /** 200 unless the form that was sent comes back with what is wrong. */
  status?: 409 | 422;
}

export interface ConsolePage {
  path: string;
  access: PageAccess;
  /** It answers a file to keep, as it is. */
  isDownload?: true;
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
  /** The answer shows a secret: its form is taken once (`OnceField`), and who sends it again is led here. */
  secretShownOnce?: string;
  /** Where a page of its own answers, it holds what is shown once and never stored. */
  act(ctx: Ctx, asked: Asked): Promise<Done | Shown>;
}

/** Whether who is signed in may do this, for what is not to be offered to everybody. */
export const may = (caller: Caller, access: PageAccess): boolean => refusalOf(access, caller) === undefined;

/** Fields by a schema, best the API's own; an empty one counts as left out. Throws 422 with one entry per problem. */
export function readFields<T extends z.ZodType>(schema: T, fields: Record<string, unknown>): z.output<T> {
  const given = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== "" && value !== undefined),
  );
  const read = schema.safeParse(given);
  if (!read.success) throw invalid(read.error);
  return read.data;
}

/** `:id` of the path. Throws 404 for what is no id: there is no such object. */
export function idOf({ id }: Asked): string {
  if (!isUuid(id)) throw notFound();
  return id;
}

/** `:id` of the path as a department's id or slug. Throws 404 for what can be neither. */
export const departmentOf = ({ id }: Asked): string => departmentName(id);

/** A field's whole number; what is none stays as it is, for the schema to refuse. */
export function numberOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : text;
}
