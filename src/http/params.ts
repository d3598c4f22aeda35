import type { Context } from "hono";
import { z } from "zod";
import { notFound } from "../errors.ts";
import type { Env } from "./env.ts";

const uuid = z.uuid();

/** `:id`, or the parameter named, as a uuid in lower case. Throws 404 for anything else: there is no such object. */
export function idParam(c: Context<Env>, name = "id"): string {
  const parsed = uuid.safeParse(c.req.param(name));
  if (!parsed.success) throw notFound();
  return parsed.data.toLowerCase();
}

/** A release in the path, by id or name. Throws 404 for what can be neither. */
export function releaseParam(c: Context<Env>): string {
  const text = c.req.param("id") ?? "";
  if (!/^[a-z0-9][a-z0-9._-]{0,59}$/.test(text)) throw notFound();
  return text;
}

/** A department in the path, by id or slug. Throws 404 for what can be neither. */
export function departmentParam(c: Context<Env>): string {
  return departmentName(c.req.param("id") ?? c.req.param("department_id") ?? "");
}

/** A department's id or slug as it is written. Throws 404 for what can be neither. */
export function departmentName(text: string): string {
  if (!/^[a-z0-9][a-z0-9-]{1,39}$/.test(text)) throw notFound();
  return text;
}
