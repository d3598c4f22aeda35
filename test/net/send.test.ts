import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { FederationError } from "../../src/errors.ts";
import { createAllowList } from "../../src/net/allow-list.ts";
import { type Resolve, resolveBySystem } from "../../src/net/pin.ts";
import { type Outbound, send, type SendOptions } from "../../src/net/send.ts";
import { selfSigned } from "./self-signed.ts";
import { hostsInside, urlsAround } from "./spellings.ts";

const zone: Record<string, string[]> = {
  "inside.test": ["127.0.0.1"],
  "mixed.test": ["93.184.216.34", "127.0.0.1"],
  "mapped.test": ["::ffff:127.0.0.1"],
  "nat64.test": ["64:ff9b::7f00:1"],
  "metadata.test": ["169.254.169.254"],
  "broken.test": ["127.1"],
  "nothing.test": [],
  localhost: ["127.0.0.1", "::1"],
  "localhost.localdomain": ["127.0.0.1"],
  "127.0.0.1.nip.test": ["127.0.0.1"],
};
const resolve: Resolve = (name) =>
  zone[name] ? Promise.resolve(zone[name]) : Promise.reject(new Error(`unknown name ${name}`));
const options = (more: Partial<SendOptions> & { open?: string[] } = {}): SendOptions => ({
  allow: createAllowList(more.open ?? []),
  resolve,
  connectTimeoutMs: 2000,
  totalTimeoutMs: 5000,
  ...more,
});
const codeOf = async (outbound: Outbound, sendOptions: SendOptions) =>
  send(outbound, sendOptions).then(
    ({ status }) => String(status),
    (error: unknown) => (error instanceof FederationError ? error.code : String(error)),
  );

/** Counts every connection, on all addresses of this machine. */
let listener: Server;
let port = 0;
let connections = 0;
beforeAll(async () => {
  listener = createServer((socket) => {
    connections += 1;
    socket.once("data", () => socket.end("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"));
  });
  port = await listen(listener);
});
afterAll(() => void listener.close());

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

describe("a URL that leads inside", () => {
  test("is refused in thousands of spellings, and the listener hears of none", async () => {
    const urls = [...new Set(hostsInside().flatMap((host) => urlsAround(host, port)))];
    expect(urls.length).toBeGreaterThan(20_000);
    const codes = new Set<string>();
    for (const url of urls) codes.add(await codeOf({ method: "GET", url }, options()));
    expect([...codes].toSorted()).toEqual(["outbound_no_public_address", "outbound_url_refused"]);
    expect(connections).toBe(0);
  });

  test("is refused when only one of its addresses is inside", async () => {
    expect(await codeOf({ method: "GET", url: `http://mixed.test:${port}/` }, options())).toBe(
      "outbound_no_public_address",
    );
    expect(connections).toBe(0);
  });

  test("tells nobody whether an inner name exists", async () => {
    const errors = await Promise.all(
      ["inside.test", "unknown.test", "nothing.test"].map((host) =>
        send({ method: "GET", url: `http://${host}:${port}/` }, options()).catch((error: Error) => [
          error.message,
          error,
        ]),
      ),
    );
    expect(new Set(errors.map((entry) => (Array.isArray(entry) ? entry[0] : "answered"))).size).toBe(1);
  });

  test("is refused by what the machine's own resolver says", async () => {
    const bySystem = options({ resolve: resolveBySystem });
    for (const host of ["localhost", "nowhere.invalid"])
      expect(await codeOf({ method: "GET", url: `http://${host}:${port}/` }, bySystem)).toBe(
        "outbound_no_public_address",
      );
    expect(connections).toBe(0);
  });

  test("is called when the operator opened it, by host, host and port, address or CIDR", async () => {
    const url = `http://inside.test:${port}/`;
    const before = connections;
    for (const open of ["inside.test", `inside.test:${port}`, "127.0.0.1", "127.0.0.0/8"])
      expect([open, await codeOf({ method: "GET", url }, options({ open: [open] }))]).toEqual([open, "204"]);
    expect(connections - before).toBe(4);
    for (const open of ["inside.test:1", "other.test", "10.0.0.0/8", "::/0"])
      expect([open, await codeOf({ method: "GET", url }, options({ open: [open] }))]).toEqual([
        open,
        "outbound_no_public_address",
      ]);
    expect(connections - before).toBe(4);
  });

  test.each([1, 22, 25, 81, 1023])("port %d is refused even on a public host", async (low) => {
    expect(await codeOf({ method: "GET", url: `http://1.1.1.1:${low}/` }, options())).toBe(
      "outbound_url_refused",
    );
  });

  test.each(["127.0.0.0/33", "a b", "http://x", "[::1", "x:0", "*"])("OUTBOUND_ALLOW refuses %p", (entry) => {
    expect(() => createAllowList([entry])).toThrow(/OUTBOUND_ALLOW/);
  });
});

test("a resolver that changes its answer changes nothing: the name is resolved once and the checked address is called", async () => {
  const before = connections;
  let asked = 0;
  // The first answer is open to us, and nobody listens there; who asks again is led to the listener.
  const rebinding: Resolve = () => Promise.resolve(asked++ === 0 ? ["127.0.0.9"] : ["127.0.0.1"]);
  const open = ["127.0.0.9/32"];
  const url = `http://rebinding.test:${port}/`;
  expect(await codeOf({ method: "GET", url }, options({ open, resolve: rebinding }))).toBe(
    "outbound_unreachable",
  );
  expect([asked, connections - before]).toEqual([1, 0]);
});

test("of two addresses the second is called when nobody listens at the first", async () => {
  const both: Resolve = () => Promise.resolve(["127.0.0.9", "127.0.0.1"]);
  const url = `http://two.test:${port}/`;
  expect(await codeOf({ method: "GET", url }, options({ open: ["two.test"], resolve: both }))).toBe("204");
});

describe("over HTTPS", () => {
  const { cert, key } = selfSigned("hook.test");
  const pinned: Resolve = () => Promise.resolve(["127.0.0.1"]);
  const open = ["127.0.0.1"];

  test("the address is pinned while SNI, Host and certificate are the name's", async () => {
    const seen: unknown[] = [];
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { cert, key },
      fetch: (request) => (seen.push(request.headers.get("host")), new Response("ok")),
    });
    try {
      const url = (name: string) => `https://${name}:${server.port}/`;
      const trusted = options({ open, resolve: pinned, ca: cert });
      expect(await codeOf({ method: "POST", url: url("hook.test") }, trusted)).toBe("200");
      expect(seen).toEqual([`hook.test:${server.port}`]);
      expect(await codeOf({ method: "POST", url: url("other.test") }, trusted)).toBe("outbound_tls");
      expect(
        await codeOf({ method: "POST", url: url("hook.test") }, options({ open, resolve: pinned })),
      ).toBe("outbound_tls");
      expect(seen).toHaveLength(1);
    } finally {
      await server.stop(true);
    }
  });

  test("a host that never shakes hands is given up after the time to connect", async () => {
    const silent = createServer(() => {});
    const silentPort = await listen(silent);
    const bounds = options({ open, resolve: pinned, connectTimeoutMs: 100, totalTimeoutMs: 60_000 });
    expect(await codeOf({ method: "GET", url: `https://hook.test:${silentPort}/` }, bounds)).toBe(
      "outbound_timeout",
    );
    silent.close();
  });
});

describe("the answer", () => {
  const serve = (fetch: (request: Request) => Response | Promise<Response>) =>
    Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
  const open = ["127.0.0.1"];

  test("is not followed when it is a redirect", async () => {
    const before = connections;
    const server = serve(() => Response.redirect(`http://127.0.0.1:${port}/`, 307));
    expect(await codeOf({ method: "POST", url: `http://127.0.0.1:${server.port}/` }, options({ open }))).toBe(
      "307",
    );
    expect(connections).toBe(before);
    await server.stop(true);
  });

  test("is read up to its limit, and never unpacked", async () => {
    const server = serve(({ url }) =>
      url.endsWith("/gzip")
        ? new Response(Bun.gzipSync(new Uint8Array(1_000_000)), { headers: { "content-encoding": "gzip" } })
        : new Response(new Uint8Array(10_000_000)),
    );
    const big = await send({ method: "GET", url: `http://127.0.0.1:${server.port}/` }, options({ open }));
    expect([big.status, big.body.length, big.truncated]).toEqual([200, 64 * 1024, true]);
    const packed = await send(
      { method: "GET", url: `http://127.0.0.1:${server.port}/gzip` },
      options({ open }),
    );
    expect(packed.body.length).toBeLessThan(10_000);
    await server.stop(true);
  });

  test("that drips is cut off at the total time", async () => {
    const server = serve(
      () =>
        new Response(
          new ReadableStream({
            pull: async (stream) => (await Bun.sleep(20), stream.enqueue(new Uint8Array(1))),
          }),
        ),
    );
    const url = `http://127.0.0.1:${server.port}/`;
    expect(await codeOf({ method: "GET", url }, options({ open, totalTimeoutMs: 200 }))).toBe(
      "outbound_timeout",
    );
    await server.stop(true);
  });

  test("that breaks off is no answer", async () => {
    const server = createServer((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")),
    );
    const url = `http://127.0.0.1:${await listen(server)}/`;
    expect(await codeOf({ method: "GET", url }, options({ open }))).toBe("outbound_unreachable");
    server.close();
  });

  test("a resolver that hangs is waited for no longer than the total time", async () => {
    const hanging: Resolve = () => new Promise(() => {});
    const url = "http://hanging.test/";
    expect(await codeOf({ method: "GET", url }, options({ resolve: hanging, totalTimeoutMs: 50 }))).toBe(
      "outbound_timeout",
    );
  });
});
