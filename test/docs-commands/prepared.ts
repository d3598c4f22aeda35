// What a line of the docs needs before it can be run: a value for each <placeholder>, and the state it speaks of.
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { keptUrls } from "../../src/cli/database-urls.ts";
import { parseApiKey } from "../../src/crypto/api-key.ts";
import { until } from "../helpers/installation.ts";
import { type DocsWorld, legal, runEnded } from "./world.ts";

export interface Before {
  /** Text of the line, and what stands for it. */
  replace?: Record<string, string>;
  /** Variables that the page tells its reader to set. */
  set?: Record<string, string>;
}

interface Prepared {
  page: string;
  line: string;
  /** `printed` is what the line before it printed. */
  before?: (world: DocsWorld, printed: string) => Promise<Before>;
  /** The exit code that the page announces, where it is not 0. */
  exitCode?: number;
}

export const prepared: readonly Prepared[] = [
  // As the page says: not possible while the department exists.
  { page: "docs/quick-start.md", line: "fed plan -f", exitCode: 8 },
  {
    page: "docs/quick-start.md",
    line: "bun src/cli/main.ts migrate",
    before: async (world) => ({ set: await ownPostgres(world) }),
  },
  {
    page: "README.md",
    line: "RUN=...",
    before: async (world, printed) => {
      const run = idIn(printed, "provisioning_id");
      await runEnded(world, run);
      return { replace: { "RUN=...": `RUN=${run}` } };
    },
  },
  {
    page: "README.md",
    line: "curl -X PUT $URL/api/v1/departments/legal/documents",
    before: async (_, printed) => ({ set: { DEPT: `authorization: Bearer ${idIn(printed, "key")}` } }),
  },
  {
    page: "docs/api.md",
    line: "bun examples/typed-client.ts",
    before: async ({ url }) => ({ set: { URL: url } }),
  },
  {
    page: "docs/api.md",
    line: "curl -X POST $URL/api/v1/token",
    before: async ({ key }) => {
      const { id, secret } = parseApiKey(key);
      return { set: { KEY_ID: id, KEY_SECRET: secret } };
    },
  },
  {
    page: "docs/deploy/n8n.md",
    line: "fed drift legal --now",
    before: async (world) => (await legal(world), {}),
  },
  {
    page: "docs/guides/audit.md",
    line: "fed audit verify",
    before: async (world) => (await anchorKey(world), {}),
  },
  {
    page: "docs/guides/audit.md",
    line: "node evidence/verify-export.mjs",
    before: async (world) => ({
      set: { KEY: await anchorKey(world) },
      replace: { "/mnt/anchor": join(world.directory, "anchor") },
    }),
  },
  {
    page: "docs/guides/audit.md",
    line: "fed audit prove",
    before: async (world) => ({ replace: { "<stream>/<seq>": await sealedEvent(world) } }),
  },
  {
    page: "docs/guides/connect-google.md",
    line: "fed oauth-clients add",
    before: async (world) => (await downloadClient(world), {}),
  },
  {
    page: "docs/guides/connect-google.md",
    line: "curl ",
    before: async ({ client, url }) => {
      const admin = { email: "docs@example.com", role: "department_admin", department_id: "hr" };
      const { id } = await client.send("POST", "/members", admin);
      const wanted = { name: "docs", member_id: id, scopes: ["oauth:write"], expires_in_days: 1 };
      const { key } = await client.send("POST", "/api-keys", wanted);
      return { set: { URL: url, KEY: String(key) } };
    },
  },
  {
    page: "docs/guides/promote.md",
    line: "fed release create spring",
    before: async () => ({ replace: { "@sha256:…": `@sha256:${"0".repeat(64)}` } }),
  },
  // As the page says: without a rollout and a day of health something is missing.
  { page: "docs/guides/promote.md", line: "fed promote spring", exitCode: 5 },
  {
    page: "docs/guides/receive-webhooks.md",
    line: "curl ",
    before: async ({ url, key }) => ({ set: { URL: url, KEY: key } }),
  },
  {
    page: "docs/operations.md",
    line: "fed keys retire",
    before: async ({ client }) => {
      const { items } = dataKeys.parse(await client.get("/keys?department_id=accounting"));
      const old = items.find(({ status }) => status !== "active");
      return { replace: { "<id>": old?.id ?? "no old key" } };
    },
  },
  {
    page: "docs/operations.md",
    line: "fed status",
    before: async (world) => ({ replace: { "<run>": await legal(world) } }),
  },
  { page: "docs/operations.md", line: "fed retry", before: parkedRun },
  {
    page: "docs/operations.md",
    line: "fed cancel",
    before: async (world) => {
      const before = await parkedRun(world);
      world.n8n.refuse(false);
      return before;
    },
  },
];

const dataKeys = z.object({ items: z.array(z.object({ id: z.string(), status: z.string() })) });
const publicKey = z.object({ public_key: z.string() });
const checkpoint = z.object({ heads: z.array(z.tuple([z.string(), z.number()], z.unknown())) });

/** What Google's console gives for a client with our redirect URI. */
async function downloadClient({ directory, url }: DocsWorld): Promise<void> {
  const web = {
    client_id: "1-docs.apps.googleusercontent.com",
    client_secret: "GOCSPX-docs",
    project_id: "docs",
    redirect_uris: [`${url}/oauth/callback`],
  };
  await writeFile(join(directory, "client_secret_1.json"), JSON.stringify({ web }), { mode: 0o600 });
}

/** What somebody with a Postgres of their own has set. */
async function ownPostgres({ directory }: DocsWorld): Promise<Record<string, string>> {
  const kept = async (name: string) => (await Bun.file(join(directory, ".data", name)).text()).trim();
  const admin = new URL(keptUrls.parse(JSON.parse(await kept("database.json"))).provisionerUrl);
  Object.assign(admin, { username: "postgres", password: await kept("postgres.password") });
  return { DATABASE_ADMIN_URL: admin.href, FEDERATION_KEK: await kept("kek") };
}

/** The value of a field in the JSON that a line printed. */
function idIn(printed: string, name: string): string {
  const found = new RegExp(`"${name}": ?"([^"]+)"`).exec(printed)?.[1];
  if (found === undefined) throw new Error(`no ${name} in ${printed}`);
  return found;
}

/** The public key that the anchor has from its first checkpoint on. */
const anchorKey = ({ directory }: DocsWorld) =>
  until(
    "the audit is sealed",
    async () => {
      const names = await readdir(join(directory, "anchor"), { recursive: true });
      const name = names.find((each) => /(^|\/)0-key-.*\.json$/.test(each));
      return name && publicKey.parse(await Bun.file(join(directory, "anchor", name)).json()).public_key;
    },
    55,
  );

/** The last event of a stream that the first checkpoint has. */
async function sealedEvent({ directory }: DocsWorld): Promise<string> {
  const names = await readdir(join(directory, "anchor"));
  const name = names.toSorted().find((each) => /^\d+\.json$/.test(each)) ?? "no checkpoint";
  const { heads } = checkpoint.parse(await Bun.file(join(directory, "anchor", name)).json());
  return `${heads[0]?.[0]}/${heads[0]?.[1]}`;
}

/** A run that n8n refused; each time it is asked for, it has failed once more. */
async function parkedRun(world: DocsWorld): Promise<Before> {
  world.refusedRun ??= await submitRefused(world);
  const { run_status: status } = await runEnded(world, world.refusedRun);
  if (status !== "failed") throw new Error(`the run is ${String(status)} and not parked`);
  return { replace: { "<run>": world.refusedRun } };
}

async function submitRefused({ client, n8n }: DocsWorld): Promise<string> {
  n8n.refuse(true);
  const started = await client.send("POST", "/provision-department", {
    department_id: "refused",
    department_name: "Refused",
    enabled_tools: ["calendar"],
    admin_email: "refused@example.com",
  });
  return String(started["provisioning_id"]);
}
