import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { until } from "../helpers/installation.ts";
import type { DocsWorld } from "./world.ts";

const publicKey = z.object({ public_key: z.string() });
const checkpoint = z.object({ heads: z.array(z.tuple([z.string(), z.number()], z.unknown())) });

/** The public key that the anchor has from its first checkpoint on. */
export const anchorKey = ({ directory }: DocsWorld) =>
  until(
    "the audit is sealed",
    async () => {
      const names = await readdir(join(directory, "anchor"), { recursive: true });
      const name = names.find((each) => /(^|\/)0-key-.*\.json$/.test(each));
      return name && publicKey.parse(await Bun.file(join(directory, "anchor", name)).json()).public_key;
    },
    55,
  );

/** The last event of a stream that the first checkpoint has. */
export async function sealedEvent({ directory }: DocsWorld): Promise<string> {
  const names = await readdir(join(directory, "anchor"));
  const name = names.toSorted().find((each) => /^\d+\.json$/.test(each)) ?? "no checkpoint";
  const { heads } = checkpoint.parse(await Bun.file(join(directory, "anchor", name)).json());
  return `${heads[0]?.[0]}/${heads[0]?.[1]}`;
}

/** What a check of an export outside of the installation is given. */
export async function anchorOutside(world: DocsWorld) {
  return {
    set: { KEY: await anchorKey(world) },
    replace: { "/mnt/anchor": join(world.directory, "anchor") },
  };
}
