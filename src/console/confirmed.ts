import type { Context } from "hono";
import { unprocessable } from "../errors.ts";
import type { ConsoleEnv } from "./env.ts";

/** Throws 422 unless the word that a destructive form asks for was typed. */
export function confirmed(c: Context<ConsoleEnv>, word: string): void {
  if (c.var.form.get("confirm")?.trim() === word) return;
  throw unprocessable("not_confirmed", `Nothing was done: type ${word} to confirm.`);
}
