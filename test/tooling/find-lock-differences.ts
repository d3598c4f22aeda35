import { z } from "zod";

const npmPackage = z.object({
  /** Only an alias has one. */
  name: z.string().optional(),
  version: z.string().optional(),
  integrity: z.string().optional(),
});
const npmLock = z.object({ packages: z.record(z.string(), npmPackage) });
const bunLock = z.object({ packages: z.record(z.string(), z.array(z.unknown())) });

/** Packages (`name@version integrity`) that only one of package-lock.json and bun.lock (JSON with commas) installs. */
export function findLockDifferences(npmText: string, bunText: string): string[] {
  const npm = new Set(npmPackages(npmText));
  const bun = new Set(bunPackages(bunText));
  return [
    ...[...npm.difference(bun)].map((line) => `only npm installs ${line}`),
    ...[...bun.difference(npm)].map((line) => `only Bun installs ${line}`),
  ];
}

function npmPackages(text: string): string[] {
  const { packages } = npmLock.parse(JSON.parse(text));
  const installed = Object.entries(packages).filter(([path]) => path !== "");
  return installed.map(([path, { name, version, integrity }]) => {
    const folder = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    return `${name ?? folder}@${version} ${integrity}`;
  });
}

function bunPackages(text: string): string[] {
  const { packages } = bunLock.parse(Bun.JSONC.parse(text));
  return Object.values(packages).map((entry) => `${String(entry[0])} ${String(entry.at(-1))}`);
}
