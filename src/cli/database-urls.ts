import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Config } from "../config.ts";
import { Secret } from "../crypto/secret.ts";
import { FederationError } from "../errors.ts";

/** What `fed up` keeps in the data directory (mode 600) so that `fed` works beside it without settings. */
export const keptUrls = z.object({ appUrl: z.string(), gatewayUrl: z.string(), provisionerUrl: z.string() });

/** The settings with what `fed up` keeps filled in where the environment says nothing. */
export async function localSettings(config: Readonly<Config>): Promise<Readonly<Config>> {
  if (config.databaseUrl) return config;
  const read = (name: string) => readFile(join(config.dataDirectory, name), "utf8").catch(() => undefined);
  const [urls, kek, url] = await Promise.all(["database.json", "kek", "url"].map(read));
  if (!urls) return config;
  const { appUrl, gatewayUrl, provisionerUrl } = keptUrls.parse(JSON.parse(urls));
  return {
    ...config,
    databaseUrl: new Secret(appUrl),
    gatewayUrl: new Secret(gatewayUrl),
    adminUrl: new Secret(provisionerUrl),
    apiUrl: config.apiUrl ?? url?.trim(),
    kek: config.kek ?? (kek === undefined ? undefined : new Secret(kek.trim())),
  };
}

/** The provisioner's or administrator's URL. Throws `bad_configuration` when neither is known here. */
export async function adminUrlOf(config: Readonly<Config>): Promise<Secret<string>> {
  const { adminUrl } = await localSettings(config);
  if (adminUrl) return adminUrl;
  throw new FederationError("bad_configuration", "Set DATABASE_ADMIN_URL, or run `fed up` here.");
}
