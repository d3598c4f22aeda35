import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keptUrls } from "../../src/cli/database-urls.ts";
import { type Client, createClient } from "../../src/client/client.ts";
import { childEnvironment } from "../../src/config.ts";
import { Secret } from "../../src/crypto/secret.ts";

export interface BenchInstallation {
  /** Of `fed up`; Postgres, web, worker and agents are below it. */
  pid: number;
  client: Client;
  /** The embedded server's, as federation_app. */
  databaseUrl: string;
  stop(): Promise<void>;
}

const root = join(import.meta.dir, "../..");
const unset = [
  "DATABASE_URL",
  "DATABASE_GATEWAY_URL",
  "DATABASE_ADMIN_URL",
  "FEDERATION_KEK",
  "FEDERATION_KEK_PREVIOUS",
  "FEDERATION_ENV",
  "HOSTS",
  "RUNS_MAX",
  "ARTIFACTS_URL",
];

/**
 * `fed up --no-examples` as a user starts it, in a data directory of its own with an embedded Postgres (fsync on).
 * `cores`, e.g. "0,1", keeps all its processes on these (taskset).
 */
export async function startInstallation({ cores }: { cores?: string } = {}): Promise<BenchInstallation> {
  const parent = await mkdtemp(join(tmpdir(), "federation-bench-"));
  const data = join(parent, "data");
  const pinned = cores === undefined ? [] : ["taskset", "-c", cores];
  const up = Bun.spawn([...pinned, process.execPath, "src/cli/main.ts", "up", "--no-examples"], {
    cwd: root,
    env: childEnvironment({
      ...Object.fromEntries(unset.map((name) => [name, undefined])),
      ...settings(data),
    }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const stop = async () => {
    up.kill("SIGTERM");
    await up.exited;
    await rm(parent, { recursive: true, force: true });
  };
  try {
    await untilUp(up.stdout);
    const read = async (name: string) => (await Bun.file(join(data, name)).text()).trim();
    const { appUrl } = keptUrls.parse(JSON.parse(await read("database.json")));
    const client = createClient({ url: await read("url"), key: new Secret(await read("admin.key")) });
    return { pid: up.pid, client, databaseUrl: appUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const settings = (data: string) => ({ DATA_DIR: data, PORT: "0", LOG_LEVEL: "warn" });

/** Reads on afterwards, so that `fed up` never writes into a full pipe. */
async function untilUp(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  const up = Promise.withResolvers<void>();
  void (async () => {
    let text = "";
    for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
      text = (text + chunk).slice(-4000);
      if (text.includes("Up after")) up.resolve();
    }
    up.reject(new Error(`fed up ended before it was up:\n${text}`));
  })();
  await up.promise;
}
