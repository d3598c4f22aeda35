import { z } from "zod";

const npmPackage = z.object({
  /** Only an alias has one. */
  name: z.string().optional(),
  version: z.string().optional(),
  integrity: z.string().optional(),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
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

/**
 * Packages for other platforms that a package names and the lock lacks, where `npm ci` refuses the lock. It happens
 * when a registry does not have them yet.
 */
export function findMissingPlatforms(npmText: string): string[] {
  const { packages } = npmLock.parse(JSON.parse(npmText));
  const named = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies));
  const paths = Object.keys(packages);
  return [...new Set(named)]
    .filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)))
    .map((name) => `the lock lacks ${name}`);
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
