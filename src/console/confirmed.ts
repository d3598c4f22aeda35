import { unprocessable } from "../errors.ts";
import type { Asked } from "./parts/page.ts";

/** Throws 422 unless the word that a destructive form asks for was typed. */
export function confirmed({ fields }: Asked, word: string): void {
  if (fields["confirm"]?.trim() === word) return;
  throw unprocessable("not_confirmed", `Nothing was done: type ${word} to confirm.`);
}
