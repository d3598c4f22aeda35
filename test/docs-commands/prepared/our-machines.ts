import { z } from "zod";
import { legal, nothingOf } from "../departments.ts";
import type { PreparedLine } from "../prepared-line.ts";
import { fieldIn, idIn } from "../printed.ts";

const dataKeys = z.object({ items: z.array(z.object({ id: z.string(), status: z.string() })) });

/** The guides of whoever runs an installation of their own for long. */
export const ofOurMachines: readonly PreparedLine[] = [
  {
    page: "docs/guides/own-machines.md",
    line: "$EDITOR ",
    before: async () => ({ set: { EDITOR: "test -w" } }),
  },
  {
    page: "docs/guides/own-machines.md",
    line: "fed provision legal",
    before: async (world) => (await nothingOf(world, "legal"), {}),
  },
  {
    page: "docs/guides/rotate.md",
    line: "fed keys retire",
    before: async ({ client }) => {
      const { items } = dataKeys.parse(await client.get("/keys?department_id=accounting"));
      const old = items.find(({ status }) => status !== "active");
      return { replace: { "<id>": old?.id ?? "no old key" } };
    },
  },
  {
    page: "docs/guides/rotate.md",
    line: "fed api-keys list --department legal",
    before: async (world) => (await legal(world), {}),
  },
  {
    page: "docs/guides/rotate.md",
    line: "fed api-keys revoke",
    before: async (_, printed) => ({ replace: { "<id>": fieldIn(printed, "id") } }),
  },
  {
    page: "docs/guides/rotate.md",
    line: "fed api-keys mint --member",
    before: async (_, printed) => ({ replace: { "<id>": idIn(printed) } }),
  },
];
