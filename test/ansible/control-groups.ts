import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const mount = "/sys/fs/cgroup";

/** A control group per machine in every hierarchy, so that what containers in it leave behind is found and removed. */
export function controlGroups(name: string) {
  const hierarchies = existsSync(join(mount, "cgroup.procs"))
    ? [mount]
    : readdirSync(mount)
        .map((entry) => join(mount, entry))
        .filter((path) => existsSync(join(path, "cgroup.procs")));
  return {
    async add(machine: string) {
      for (const hierarchy of hierarchies) {
        for (const path of [join(hierarchy, name), join(hierarchy, name, machine)]) {
          await mkdir(path, { recursive: true });
          await inheritCpus(path);
        }
      }
    },
    /** A line of shell that moves the shell into the machine's groups. */
    enter: (machine: string) =>
      hierarchies.map((path) => `echo $$ >${join(path, name, machine)}/cgroup.procs`).join("; "),
    async remove() {
      for (const hierarchy of hierarchies) await removeGroup(join(hierarchy, name));
    },
  };
}

/** A group of `cpuset` starts without any processor, and nothing may enter it. */
async function inheritCpus(path: string) {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    if (!existsSync(join(path, file)) || !existsSync(join(path, "tasks"))) continue;
    await writeFile(join(path, file), await readFile(join(path, "..", file), "utf8"));
  }
}

async function removeGroup(path: string) {
  if (!existsSync(path)) return;
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isDirectory()) await removeGroup(join(path, entry.name));
  for (let attempt = 0; attempt < 50; attempt += 1) {
    try {
      return await rmdir(path);
    } catch {
      // Whoever was in it is still being ended.
      await Bun.sleep(100);
    }
  }
}
