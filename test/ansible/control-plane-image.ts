// The control plane's image as Dockerfile makes it, where no registry is: Bun, what production needs of node_modules,
// and the C library of the machines' Debian.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { execute } from "./execute.ts";

const root = join(import.meta.dir, "../..");
const libraries = [
  "ld-linux-x86-64.so.2",
  "libc.so.6",
  "libm.so.6",
  "libpthread.so.0",
  "libdl.so.2",
  "libresolv.so.2",
];
const names = ["libnss_files.so.2", "libnss_dns.so.2"];

/** Lines of Dockerfile, for `docker import --change`. */
export const imageChanges = [
  "WORKDIR /app",
  "USER 1000:1000",
  "ENV NODE_ENV=production FEDERATION_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data",
  "ENV PATH=/usr/local/bin:/bin",
  'CMD ["bun", "src/server.ts"]',
  'HEALTHCHECK --interval=2s --timeout=5s --start-period=60s CMD ["bun", "src/health-check.ts"]',
];

/** Writes the image's file system as a tar file. `debian` is the base image of the machines. */
export async function writeControlPlaneImage(debian: string, work: string, file: string): Promise<void> {
  const image = join(work, "control-plane");
  const library = "lib/x86_64-linux-gnu";
  for (const path of ["bin", library, "lib64", "etc", "tmp", "run/postgresql", "usr/local/bin", "app"])
    await mkdir(join(image, path), { recursive: true });
  for (const path of ["data", "logins/web", "logins/worker", "logins/admin"])
    await mkdir(join(image, path), { recursive: true, mode: 0o700 });
  for (const name of [...libraries, ...names])
    await cp(join(debian, library, name), join(image, library, name), { dereference: true });
  await cp(join(debian, library, "ld-linux-x86-64.so.2"), join(image, "lib64/ld-linux-x86-64.so.2"), {
    dereference: true,
  });
  await cp(join(debian, "bin/busybox"), join(image, "bin/busybox"));
  for (const name of ["sh", "cat", "ls", "id"])
    await execute(["ln", "-s", "busybox", join(image, "bin", name)]);
  await cp(realpathSync(process.execPath), join(image, "usr/local/bin/bun"));
  const fed = '#!/bin/sh\nexec bun /app/src/cli/main.ts "$@"\n';
  await writeFile(join(image, "usr/local/bin/fed"), fed, { mode: 0o755 });
  await writeFile(join(image, "etc/passwd"), "root:x:0:0::/root:/bin/sh\nbun:x:1000:1000::/app:/bin/sh\n");
  await writeFile(join(image, "etc/nsswitch.conf"), "hosts: files dns\n");
  await copyApplication(join(image, "app"));
  await execute(["chown", "-R", "1000:1000", join(image, "data"), join(image, "logins")]);
  await execute(["chmod", "1777", join(image, "tmp")]);
  await execute(["tar", "-C", image, "-cf", file, "."], { seconds: 120 });
}

async function copyApplication(app: string) {
  for (const name of ["package.json", "Procfile", "sql", "jobs", "src"])
    await cp(join(root, name), join(app, name), { recursive: true });
  for (const name of ["audit", "n8n", "schema"])
    await cp(join(root, "templates", name), join(app, "templates", name), { recursive: true });
  const list = ["npm", "ls", "--omit=dev", "--omit=optional", "--all", "--parseable"];
  const packages = (await execute(list, { cwd: root }))
    .split("\n")
    .filter((path) => path.includes("node_modules"));
  for (const path of packages) {
    const place = relative(root, path);
    if (/^node_modules\/(bun|@oven\/.+)$/.test(place) || !existsSync(path)) continue;
    await mkdir(dirname(join(app, place)), { recursive: true });
    await cp(path, join(app, place), { recursive: true });
  }
}
