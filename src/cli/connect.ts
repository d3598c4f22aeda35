import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, createClient } from "../client/client.ts";
import type { Config } from "../config.ts";
import { Secret } from "../crypto/secret.ts";
import { FederationError } from "../errors.ts";

/** A client for the API: FEDERATION_URL and FEDERATION_API_KEY, else what `fed up` left in the data directory. */
export async function connect(config: Readonly<Config>): Promise<Client> {
  const url = config.apiUrl ?? (await readLine(config, "url"));
  const key = config.apiKey?.reveal() ?? (await readLine(config, "admin.key"));
  if (!url || !key) {
    throw new FederationError(
      "not_connected",
      "Set FEDERATION_URL and FEDERATION_API_KEY, or run `fed up` here.",
    );
  }
  return createClient({ url, key: new Secret(key) });
}

async function readLine(config: Readonly<Config>, name: string): Promise<string | undefined> {
  const text = await readFile(join(config.dataDirectory, name), "utf8").catch(() => "");
  return text.trim() || undefined;
}
