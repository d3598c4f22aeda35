// A Debian 12 with systemd and SSH, and everything that the roles install as packages that only have to be unpacked:
// machines made of it need no network. Kept under the user's cache for 30 days.
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execute } from "./execute.ts";

const installed =
  "systemd,systemd-sysv,dbus,openssh-server,python3,iproute2,ca-certificates,busybox-static,openssl";
/** What the roles name. One that is missing here cannot be installed in a machine: the run fails and says so. */
const unpacked =
  "chrony sudo unattended-upgrades nftables docker.io docker-compose iptables python3-docker caddy " +
  "postgresql-common postgresql-15 python3-psycopg2 pgbouncer pgbackrest";
const maximumAgeDays = 30;

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "federation-ansible");

/** The directory of the image; made where there is none, which takes about two minutes and needs the network. */
export async function baseImage(): Promise<string> {
  const key = Bun.hash(installed + unpacked).toString(16);
  const directory = join(cache, key);
  if (await isFresh(directory)) return directory;
  await rm(cache, { recursive: true, force: true });
  const making = `${directory}.new`;
  await mkdir(cache, { recursive: true });
  await execute(["debootstrap", "--variant=minbase", `--include=${installed}`, "bookworm", making], {
    seconds: 400,
  });
  await copySources(making);
  const apt = `apt-get update -qq && apt-get install -qq -y --no-install-recommends --download-only ${unpacked}`;
  await execute(["chroot", making, "sh", "-c", apt], { seconds: 300 });
  await rename(making, directory);
  return directory;
}

async function isFresh(directory: string): Promise<boolean> {
  if (!existsSync(directory)) return false;
  const ageDays = (Date.now() - (await stat(join(directory, "var/lib/apt/lists"))).mtimeMs) / 86_400_000;
  return ageDays < maximumAgeDays;
}

/** Of a host that is itself a Debian 12: its mirror and the security updates, where debootstrap knows one suite. */
async function copySources(image: string): Promise<void> {
  for (const name of ["sources.list", "sources.list.d/debian.sources"]) {
    const file = Bun.file(join("/etc/apt", name));
    if (!(await file.exists()) || !(await file.text()).includes("bookworm-security")) continue;
    await rm(join(image, "etc/apt/sources.list"), { force: true });
    await copyFile(join("/etc/apt", name), join(image, "etc/apt", name));
  }
}
