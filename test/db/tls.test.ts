import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openClient } from "../../src/db/open-client.ts";
import { ownServer } from "../crash/own-server.ts";

const startMs = 60_000;
const hasOpenssl = Bun.which("openssl") !== null;
let directory: string;
let certificate: string;
let secured: Awaited<ReturnType<typeof ownServer>>;
let plain: Awaited<ReturnType<typeof ownServer>>;

beforeAll(async () => {
  if (!hasOpenssl) return;
  directory = await mkdtemp(join(tmpdir(), "federation-tls-"));
  certificate = await makeCertificate(directory);
  secured = await ownServer({
    fsync: "off",
    ssl: "on",
    ssl_cert_file: certificate,
    ssl_key_file: join(directory, "key.pem"),
    unix_socket_directories: directory,
  });
  plain = await ownServer({ fsync: "off" });
}, startMs);

afterAll(async () => {
  if (!hasOpenssl) return;
  await Promise.all([secured.close(), plain.close()]);
  await rm(directory, { recursive: true, force: true });
}, startMs);

/** Self-signed, for the name localhost and not for the address. */
async function makeCertificate(home: string): Promise<string> {
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
  const names = ["-addext", "subjectAltName=DNS:localhost"];
  const files = ["-keyout", join(home, "key.pem"), "-out", join(home, "certificate.pem")];
  const child = Bun.spawn(["openssl", ...request, ...names, ...files], {
    stdout: "ignore",
    stderr: "ignore",
  });
  expect(await child.exited).toBe(0);
  return join(home, "certificate.pem");
}

function withMode(adminUrl: string, mode: string, host = "127.0.0.1"): string {
  const url = new URL(adminUrl);
  url.hostname = host;
  url.search = mode;
  return url.href;
}

/** True with TLS, false without, or the code and the reason of the failure. */
async function connect(url: string): Promise<unknown> {
  const sql = openClient(url, { max: 1, connect_timeout: 10 });
  try {
    const [row] = await sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
    return row?.["ssl"];
  } catch (error) {
    const { code, cause } = error as { code?: string; cause?: { code?: string } };
    return [code, cause?.code];
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** As `connect`, in a process that trusts the certificate. */
async function connectTrusting(url: string): Promise<unknown> {
  const program = `
    import { openClient } from ${JSON.stringify(join(import.meta.dir, "../../src/db/open-client.ts"))};
    const sql = openClient(process.env.URL, { max: 1, connect_timeout: 10 });
    const query = sql\`select ssl from pg_stat_ssl where pid = pg_backend_pid()\`;
    console.log(JSON.stringify(await query.then(([row]) => row.ssl, ({ code, cause }) => [code, cause?.code])));
    await sql.end({ timeout: 1 });`;
  const child = Bun.spawn([process.execPath, "-e", program], {
    env: { ...process.env, URL: url, NODE_EXTRA_CA_CERTS: certificate },
    stdout: "pipe",
  });
  return JSON.parse(await new Response(child.stdout).text());
}

const modes: [string, unknown][] = [
  ["", false],
  ["sslmode=disable", false],
  ["sslmode=prefer", true],
  ["sslmode=require", true],
  ["sslmode=require&sslnegotiation=direct", true],
  ["sslmode=verify-full", ["database_tls_failed", "DEPTH_ZERO_SELF_SIGNED_CERT"]],
  ["ssl=true", ["database_tls_failed", "DEPTH_ZERO_SELF_SIGNED_CERT"]],
];

test.if(hasOpenssl).each(modes)(
  "with '%s' a server whose certificate nobody vouches for gives: %p",
  async (mode, expected) => {
    expect(await connect(withMode(secured.adminUrl, mode))).toEqual(expected);
  },
);

test.if(hasOpenssl)("a trusted certificate is accepted for its own name only", async () => {
  const mode = "sslmode=verify-full";
  expect(await connectTrusting(withMode(secured.adminUrl, mode, "localhost"))).toBe(true);
  expect(await connectTrusting(withMode(secured.adminUrl, mode))).toEqual([
    "database_tls_failed",
    "ERR_TLS_CERT_ALTNAME_INVALID",
  ]);
});

test.if(hasOpenssl)("a server without TLS is refused unless TLS was only preferred", async () => {
  const refused = ["database_tls_missing", undefined];
  expect(await connect(withMode(plain.adminUrl, "sslmode=require"))).toEqual(refused);
  expect(await connect(withMode(plain.adminUrl, "sslmode=verify-full"))).toEqual(refused);
  expect(await connect(withMode(plain.adminUrl, "sslmode=prefer"))).toBe(false);
});

test.if(hasOpenssl)("over a unix socket no TLS is asked for", async () => {
  const url = secured.adminUrl.replace("127.0.0.1", encodeURIComponent(directory));
  expect(await connect(`${url}?sslmode=verify-full`)).toBe(false);
});

test.if(hasOpenssl)(
  "queries over TLS settle when the server is killed, and the pool goes on",
  async () => {
    const sql = openClient(withMode(secured.adminUrl, "sslmode=require"), { max: 2 });
    await Promise.all([sql`select 1`, sql`select 2`]);
    for (const _ of [1, 2, 3]) {
      const asked = Array.from({ length: 20 }, () => sql`select pg_sleep(0.05)`.then(String, String));
      await Promise.all([secured.kill(), ...asked]);
      let answer: unknown;
      while (answer === undefined) answer = await sql`select 1 as one`.catch(() => Bun.sleep(20));
    }
    await sql.end({ timeout: 1 });
  },
  startMs,
);
