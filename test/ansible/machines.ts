// Machines that boot systemd, each with an address on a network that only they are on. Everything lives in namespaces
// of one process: when it is killed, machines, mounts and network are gone.
import { appendFile, mkdir, mkdtemp, readFile, readlink, rm, symlink } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseImage } from "./base-image.ts";
import { controlGroups } from "./control-groups.ts";
import { execute } from "./execute.ts";

export interface Machines {
  directory: string;
  /** The Debian that they are made of. */
  image: string;
  /** A directory that every machine sees as /srv/share. */
  share: string;
  /** Private key of root on every machine. */
  key: string;
  knownHosts: string;
  /** A command of this host, in this directory, that sees the machines' network. */
  inside(command: readonly string[], directory?: string): string[];
  ssh(name: string, command: string, stdin?: string): Promise<string>;
  stop(): Promise<void>;
}

/** The address of the host's end; the other one stands for the internet. */
export const gateway = "10.77.0.1";
export const internet = ["9.77.0.1", "9.77.0.2", "9.77.0.3"];

/** Boots a machine for each address (name → 10.77.0.x). */
export async function startMachines(addresses: Record<string, string>): Promise<Machines> {
  const image = await baseImage();
  const directory = await mkdtemp(join(tmpdir(), "federation-machines-"));
  const groups = controlGroups(`federation-ansible-${process.pid}`);
  const holder = await startHolder(directory);
  const inside = (command: readonly string[], from = "/") => [
    ...["nsenter", `--net=/proc/${holder.pid}/ns/net`, `--mount=/proc/${holder.pid}/ns/mnt`],
    ...[`--pid=/proc/${holder.pid}/ns/pid`, "--", "env", `--chdir=${from}`, ...command],
  ];
  const key = join(directory, "key");
  const knownHosts = join(directory, "known_hosts");
  const machines: Machines = {
    directory,
    image,
    share: join(directory, "share"),
    key,
    knownHosts,
    inside,
    ssh: (name, command, stdin) =>
      execute(
        inside([
          "ssh",
          "-i",
          key,
          "-o",
          `UserKnownHostsFile=${knownHosts}`,
          `root@${addresses[name]}`,
          command,
        ]),
        { seconds: 120, ...(stdin !== undefined && { stdin }) },
      ),
    async stop() {
      holder.process.kill("SIGKILL");
      await holder.process.exited;
      await groups.remove();
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await mkdir(machines.share);
    await execute(inside(["sh", "-euc", networkScript]));
    await execute(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
    for (const [name, address] of Object.entries(addresses)) {
      await prepare(machines, name, address);
      await groups.add(name);
      boot(machines, name, groups.enter(name));
    }
    await Promise.all(Object.keys(addresses).map((name) => untilBooted(machines, name)));
  } catch (error) {
    await machines.stop();
    throw error;
  }
  return machines;
}

/** What the machines' name service knows beside themselves. */
const names = `${internet[0]} allowed.test moved.test\n169.254.169.254 metadata.test\n`;

const networkScript = `
ip link set lo up
ip link add br0 type bridge
ip addr add ${gateway}/24 dev br0
${internet.map((address) => `ip addr add ${address}/32 dev br0`).join("\n")}
ip link set br0 up`;

async function startHolder(directory: string) {
  const namespaces = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
  const child = Bun.spawn(
    ["setpriv", "--pdeathsig", "KILL", "unshare", ...namespaces, "sh", "-c", "echo up; exec sleep infinity"],
    {
      cwd: directory,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    },
  );
  await child.stdout.getReader().read();
  const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
  const pid = Number(children.trim());
  if (!pid || (await readlink(`/proc/${pid}/ns/net`)) === (await readlink("/proc/self/ns/net")))
    throw new Error("The namespaces of the machines were not made.");
  return { process: child, pid };
}

/** A layer of its own over the image, and what tells the machine who it is. */
async function prepare(machines: Machines, name: string, address: string) {
  const { directory, image, key, knownHosts, inside } = machines;
  const place = join(directory, name);
  for (const part of ["upper", "work", "root", "docker"]) await mkdir(join(place, part), { recursive: true });
  const etc = join(place, "upper/etc");
  const network = `[Match]\nName=host0\n[Network]\nAddress=${address}/24\nGateway=${gateway}\n`;
  const files: Record<string, string> = {
    "etc/hostname": `${name}\n`,
    "etc/hosts": `127.0.0.1 localhost\n${names}`,
    // They live for minutes: nothing has to be on the disk.
    "etc/dpkg/dpkg.cfg.d/unsafe": "force-unsafe-io\n",
    "etc/resolv.conf": `nameserver ${gateway}\n`,
    "etc/systemd/network/10-host0.network": network,
    "root/.ssh/authorized_keys": await readFile(`${key}.pub`, "utf8"),
  };
  for (const [path, text] of Object.entries(files)) await Bun.write(join(place, "upper", path), text);
  await mkdir(join(etc, "systemd/system/multi-user.target.wants"), { recursive: true });
  const unit = "systemd-networkd.service";
  await symlink(`/lib/systemd/system/${unit}`, join(etc, "systemd/system/multi-user.target.wants", unit));
  const layers = `lowerdir=${image},upperdir=${place}/upper,workdir=${place}/work`;
  await execute(inside(["mount", "-t", "overlay", "overlay", "-o", layers, join(place, "root")]));
  const hostKey = await readFile(join(image, "etc/ssh/ssh_host_ed25519_key.pub"), "utf8");
  await appendFile(knownHosts, `${address} ${hostKey}`);
}

function boot({ directory, inside }: Machines, name: string, enter: string) {
  const place = join(directory, name);
  const options = [
    ...[
      "--quiet",
      "--register=no",
      "--keep-unit",
      "--boot",
      `--directory=${place}/root`,
      `--machine=${name}`,
    ],
    ...["--network-bridge=br0", "--resolv-conf=off", "--timezone=off", "--link-journal=no"],
    // What an engine needs: its overlay on a file system that is none, and keys of the kernel.
    ...["--capability=all", "--system-call-filter=@keyring bpf", `--bind=${place}/docker:/var/lib/docker`],
    `--bind-ro=${directory}/share:/srv/share`,
  ];
  const script = `${enter}; exec "$@" >"${place}/console" 2>&1`;
  Bun.spawn(["bash", "-euc", script, "boot", ...inside(["systemd-nspawn", ...options])], {
    stdio: ["ignore", "ignore", "ignore"],
  });
}

async function untilBooted({ directory, ssh }: Machines, name: string) {
  const deadline = Date.now() + 90_000;
  for (;;) {
    try {
      // Systemd mounts the control groups read-only, in which no container could be started.
      await ssh(
        name,
        "systemctl is-system-running --wait; for d in /sys/fs/cgroup/*/; do mount -o remount,bind,rw $d; done",
      );
      return;
    } catch (error) {
      const console = join(directory, name, "console");
      const seen = existsSync(console) ? (await readFile(console, "utf8")).slice(-2000) : "";
      if (Date.now() > deadline)
        throw new Error(`${name} does not boot: ${String(error)}\n${seen}`, { cause: error });
      await Bun.sleep(500);
    }
  }
}
