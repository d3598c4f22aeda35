import { join } from "node:path";
import { keptUrls } from "../../src/cli/database-urls.ts";
import type { DocsWorld } from "./world.ts";

/** What `fed up` keeps under this name in its data directory. */
export const kept = async ({ directory }: DocsWorld, name: string) =>
  (await Bun.file(join(directory, ".data", name)).text()).trim();

/** The administrator's URL of the installation's database. */
export async function administratorUrl(world: DocsWorld): Promise<string> {
  const admin = new URL(keptUrls.parse(JSON.parse(await kept(world, "database.json"))).provisionerUrl);
  Object.assign(admin, { username: "postgres", password: await kept(world, "postgres.password") });
  return admin.href;
}
