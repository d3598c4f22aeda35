import type { Arguments } from "../schema.ts";

/** Arguments as parameters of a URL. */
export const textsOf = (args: Arguments): Record<string, string> =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [name, String(value)]));
