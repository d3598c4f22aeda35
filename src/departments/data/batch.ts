import { z } from "zod";

const itemsMax = 500;

export const instant = z.iso.datetime({ offset: true });

/** In lower case: two spellings of one id are one id. */
export const identity = z.uuid().toLowerCase();

/** Up to 500 items, each named once: one statement cannot write the same row twice. `key` is what names one. */
export const batchOf = <T extends z.ZodType>(item: T, key: string, nameOf: (item: z.output<T>) => string) =>
  z.strictObject({
    items: z
      .array(item)
      .min(1)
      .max(itemsMax)
      .refine((items) => new Set(items.map(nameOf)).size === items.length, `has the same ${key} twice`),
  });
