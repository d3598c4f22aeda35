import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { Client } from "../../client/client.ts";
import { readJwks } from "../../client/read-jwks.ts";
import { FederationError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

const page = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      agent_image: z.string().nullable(),
      schema_version: z.int(),
      source_environment: z.string(),
      manifest: z.unknown(),
      created_at: z.string(),
    }),
  ),
  next_cursor: z.string().nullable(),
});
const options = {
  image: { type: "string" },
  out: { type: "string" },
  jwks: { type: "string" },
} as const;

export const release: Command = {
  name: "release",
  synopsis:
    "(list | create <name> [--image ref] | show <name> | export <name> [--out file] | import <file> --jwks file|url)",
  summary: "what departments run, as one thing with a name; in from another environment, signed",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[name]"], options);
    const [action, name] = positionals;
    const client = await connect(config);
    if (action === "list" && name === undefined) await list(client, json);
    else if (name === undefined)
      throw new FederationError(
        "usage",
        "Actions: list, create <name>, show <name>, export <name>, import <file>.",
      );
    else if (action === "create") {
      const { image } = values;
      printJson(
        await client.send("POST", "/releases", { name, ...(image !== undefined && { agent_image: image }) }),
      );
    } else if (action === "show") printJson(await show(client, name));
    else if (action === "export") await exportManifest(client, name, values.out);
    else if (action === "import") printJson(await importManifest(client, name, values.jwks));
    else throw new FederationError("usage", "Actions: list, create, show, export, import.");
    return exitCodes.ok;
  },
};

const show = (client: Client, name: string) => client.get(`/releases/${encodeURIComponent(name)}`);

async function list(client: Client, json: boolean): Promise<void> {
  const items: z.infer<typeof page>["items"] = [];
  let cursor: string | null = null;
  do {
    const found = page.parse(
      await client.get(`/releases?limit=200${cursor === null ? "" : `&cursor=${cursor}`}`),
    );
    items.push(...found.items);
    cursor = found.next_cursor;
  } while (cursor !== null);
  if (json) return printJson({ items });
  const head = ["name", "image", "schema", "made in", "signed", "created at"];
  const rows = items.map((item) => [
    item.name,
    item.agent_image,
    item.schema_version,
    item.source_environment,
    item.manifest === null ? "no" : "yes",
    item.created_at,
  ]);
  printTable(head, rows);
}

/** As it was signed when it was promoted. */
async function exportManifest(client: Client, name: string, out: string | undefined): Promise<void> {
  const { manifest } = await show(client, name);
  if (manifest === null || manifest === undefined)
    throw new FederationError("not_promoted", "The release was not promoted: fed promote.", { status: 409 });
  await writeManifest(manifest as JsonObject, out);
}

export async function writeManifest(manifest: JsonObject, out: string | undefined): Promise<void> {
  if (out === undefined) return printJson(manifest);
  await writeFile(out, `${JSON.stringify(manifest, null, 2)}\n`);
  printLine(`written: ${out}`);
}

async function importManifest(client: Client, file: string, jwks: string | undefined): Promise<JsonObject> {
  if (jwks === undefined)
    throw new FederationError("usage", "Say where the source's public keys are: --jwks file or url.");
  const manifest: unknown = JSON.parse(await readFile(file, "utf8"));
  return client.send("POST", "/releases/import", { manifest, jwks: await readJwks(jwks) });
}
