// An installation as `npm start` makes it, with the departments of the docs, in a directory in which their commands run.
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "../../src/client/client.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { type FakeN8n, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";
import { root } from "./shell-lines.ts";

export interface DocsWorld {
  directory: string;
  url: string;
  key: string;
  client: Client;
  n8n: { refuse(all: boolean): void };
  /** Made when a line of the docs first needs them. */
  legalRun?: string;
  refusedRun?: string;
  environment: Record<string, string | undefined>;
  close(): Promise<void>;
}

const main = join(root, "src/cli/main.ts");

export async function startDocsWorld(): Promise<DocsWorld> {
  const directory = await mkdtemp(join(tmpdir(), "federation-docs-"));
  const n8n = await startFakeN8n({ registrationMs: 5 });
  await furnish(directory, n8n.apiKey);
  const environment = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    DATA_DIR: join(directory, ".data"),
    LOG_LEVEL: "error",
    N8N_BASE_URL: n8n.baseUrl,
    N8N_API_KEY: n8n.apiKey,
    AUDIT_ANCHOR: `file://${join(directory, "anchor")}`,
    OUTBOUND_ALLOW: "n8n-1.example.com",
  };
  const up = await startUp({ ...environment, PORT: "0" });
  const read = async (name: string) => (await readFile(join(directory, ".data", name), "utf8")).trim();
  const [url, key] = [await read("url"), await read("admin.key")];
  return {
    directory,
    url,
    key,
    client: createClient({ url, key: new Secret(key) }),
    n8n: { refuse: (all) => refuseCalls(n8n, all) },
    environment,
    async close() {
      up.kill("SIGTERM");
      await up.exited;
      await n8n.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What a reader of the docs has beside them: the sources, and files that they were told to get. */
async function furnish(directory: string, n8nKey: string): Promise<void> {
  for (const name of ["examples", "src", "jobs", "sql", "package.json", "tsconfig.json", "node_modules"])
    await symlink(join(root, name), join(directory, name));
  await furnishChanged(directory);
  await mkdir(join(directory, "anchor"));
  await writeFile(join(directory, "key.txt"), n8nKey, { mode: 0o600 });
}

/** Copies, because lines of the docs write beside them. */
async function furnishChanged(directory: string): Promise<void> {
  await copyFile(join(root, ".env.example"), join(directory, ".env.example"));
  await mkdir(join(directory, "templates"));
  for (const name of await readdir(join(root, "templates")))
    if (name !== "ansible") await symlink(join(root, "templates", name), join(directory, "templates", name));
  await cp(join(root, "templates/ansible"), join(directory, "templates/ansible"), { recursive: true });
}

/** A checkout on another machine, for a page whose settings are those of another installation. */
export async function anotherDirectory({ directory }: DocsWorld): Promise<string> {
  const another = await mkdtemp(join(directory, "another-"));
  await furnishChanged(another);
  return another;
}

async function startUp(env: Record<string, string | undefined>) {
  const child = Bun.spawn([process.execPath, main, "up"], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const decoder = new TextDecoder();
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += decoder.decode(chunk, { stream: true });
    if (printed.includes("Up after")) return child;
  }
  throw new Error(`fed up ended: ${printed}`);
}

/** The next calls, which are more than any test makes, are refused or taken. */
function refuseCalls(n8n: FakeN8n, all: boolean): void {
  for (let nth = 1; nth <= 1000; nth++)
    n8n.fail(nth, all ? { kind: "status", status: 400 } : { kind: "delay", ms: 0 });
}
