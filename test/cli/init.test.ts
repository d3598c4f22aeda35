import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { type EmbeddedPostgres, startEmbedded } from "../../src/db/embedded.ts";
import { socketHost } from "../../src/db/socket-host.ts";

/** `fed init --keep`, as compose.yaml runs it: a server reached over its unix socket, logins kept in files. */
const main = join(import.meta.dir, "../../src/cli/main.ts");
const names = ["web/database-url", "web/gateway-url", "worker/provisioner-url", "web/kek", "admin/api-key"];
let directory: string;
let server: EmbeddedPostgres;
let adminUrl: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-init-"));
  const sockets = join(directory, "sockets");
  await mkdir(sockets);
  await chmod(directory, 0o755);
  await chmod(sockets, 0o777);
  const settings = { unix_socket_directories: sockets, fsync: "off" };
  server = await startEmbedded({ directory: join(directory, "data"), settings });
  const url = new URL(server.url);
  adminUrl = `postgres://postgres:${url.password}@${encodeURIComponent(sockets)}:${url.port}/postgres`;
}, 60_000);

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

async function fed(args: string[], env: Record<string, string>) {
  const child = Bun.spawn([process.execPath, main, ...args], {
    env: { PATH: process.env["PATH"], DATA_DIR: join(directory, "fed"), ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, err };
}

const init = (env: Record<string, string> = {}) =>
  fed(["init", "--email", "admin@example.com", "--keep", join(directory, "logins")], {
    DATABASE_ADMIN_URL: adminUrl,
    ...env,
  });
const kept = (name: string) => readFile(join(directory, "logins", name), "utf8");
const keptAll = () => Promise.all(names.map(kept));
const settings = async () => ({
  DATABASE_URL: (await kept("web/database-url")).trim(),
  DATABASE_GATEWAY_URL: (await kept("web/gateway-url")).trim(),
  DATABASE_ADMIN_URL: (await kept("worker/provisioner-url")).trim(),
  FEDERATION_KEK: (await kept("web/kek")).trim(),
});

test("what opens the installation is kept in private files and printed nowhere", async () => {
  const { code, out, err } = await init();
  expect([code, err]).toEqual([0, ""]);
  for (const name of names) {
    expect((await stat(join(directory, "logins", name))).mode & 0o777).toBe(0o600);
    expect(out).not.toContain((await kept(name)).trim());
  }
  const doctor = await fed(["doctor", "--json"], await settings());
  expect(JSON.parse(doctor.out).filter(({ level }: { level: string }) => level === "error")).toEqual([]);
}, 60_000);

test("once more changes nothing: running processes keep their logins", async () => {
  const before = await keptAll();
  expect((await init()).code).toBe(0);
  expect(await keptAll()).toEqual(before);
  expect((await fed(["doctor"], await settings())).code).toBe(0);
}, 60_000);

async function alterApp(change: string) {
  const sql = postgres(adminUrl, { ...socketHost(adminUrl), max: 1 });
  await sql.unsafe(`alter role federation_app ${change}`);
  await sql.end();
}

test("logins of a database that is another one now are made anew", async () => {
  const before = await settings();
  await alterApp("password 'restored from elsewhere'");
  expect((await init({ FEDERATION_KEK: before.FEDERATION_KEK })).code).toBe(0);
  const after = await settings();
  expect(after.DATABASE_URL).not.toBe(before.DATABASE_URL);
  expect((await fed(["doctor"], after)).code).toBe(0);
}, 60_000);

test("a database that has no room for a login now is no reason for new passwords", async () => {
  const before = await keptAll();
  await alterApp("connection limit 0");
  expect((await init()).code).toBe(1);
  await alterApp("connection limit -1");
  expect(await keptAll()).toEqual(before);
  expect((await fed(["doctor"], await settings())).code).toBe(0);
}, 60_000);
