import { createServer as createTlsServer } from "node:tls";
import { connect } from "node:net";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** TLS both ways in front of the engine's socket, as dockerd does with --tlsverify; certificates by openssl. */
export async function startTlsProxy(dockerHost: string) {
  const directory = await mkdtemp(join(tmpdir(), "federation-tls-"));
  const ours = await makeAuthority(join(directory, "ours"));
  const foreign = await makeAuthority(join(directory, "foreign"));
  const file = (name: string) => Bun.file(join(ours, name)).text();
  const server = createTlsServer(
    {
      ca: await file("ca.pem"),
      cert: await file("server.pem"),
      key: await file("server-key.pem"),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      const engine = connect(dockerHost.replace("unix://", ""));
      socket.pipe(engine).pipe(socket);
      for (const end of [socket, engine]) end.on("error", () => (socket.destroy(), engine.destroy()));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Our authority, but a client certificate of another one.
  const mixed = join(directory, "mixed");
  await mkdir(mixed);
  await cp(join(ours, "ca.pem"), join(mixed, "ca.pem"));
  for (const name of ["cert.pem", "key.pem"]) await cp(join(foreign, name), join(mixed, name));
  return {
    host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certPaths: { ours, foreign, mixed },
    async close() {
      server.close();
      await rm(directory, { recursive: true });
    },
  };
}

async function makeAuthority(directory: string): Promise<string> {
  await mkdir(directory);
  const openssl = async (...args: string[]) => {
    const child = Bun.spawn(["openssl", ...args], { cwd: directory, stdout: "ignore", stderr: "pipe" });
    const complaint = await new Response(child.stderr).text();
    if ((await child.exited) !== 0) throw new Error(complaint);
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    "ca-key.pem",
    "-out",
    "ca.pem",
    "-days",
    "1",
    "-subj",
    "/CN=ca",
  );
  for (const [name, keyName] of [
    ["server", "server-key"],
    ["cert", "key"],
  ] as const) {
    await openssl("req", ...key, "-keyout", `${keyName}.pem`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    await Bun.write(join(directory, `${name}.ext`), "subjectAltName=IP:127.0.0.1\n");
    const signing = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "1"];
    await openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      ...signing,
      "-extfile",
      `${name}.ext`,
      "-out",
      `${name}.pem`,
    );
  }
  return directory;
}
