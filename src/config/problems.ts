import { socketHost } from "../db/socket-host.ts";
import type { Config } from "../config.ts";
import type { Environment } from "./environment.ts";

export interface Problem {
  path: string;
  message: string;
}

/** Variables that mean something only together. */
const parts: (keyof Environment)[][] = [
  ["N8N_BASE_URL", "N8N_API_KEY"],
  ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"],
  [
    ...(["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"] as const),
    ...(["DEEPGRAM_API_KEY", "CARTESIA_API_KEY"] as const),
    ...(["LLM_BASE_URL", "LLM_API_KEY", "LLM_MODEL"] as const),
  ],
];

/** What is set without what it needs. */
export function partErrors(env: Environment): Problem[] {
  const missing = parts.flatMap((names) => {
    const unset = names.filter((name) => env[name] === undefined);
    if (unset.length === names.length) return [];
    const present = names.filter((name) => !unset.includes(name));
    return unset.map((path) => ({ path, message: `is required beside ${present.join(", ")}` }));
  });
  const imageHost = env.HOSTS.find((host) => host !== "local");
  if (imageHost && env.AGENT_IMAGE === undefined)
    missing.push({ path: "AGENT_IMAGE", message: `is required where departments run on ${imageHost}` });
  return missing;
}

/** Railway's own command line has a project token there. */
const confused = "; RAILWAY_TOKEN is set, where project tokens are kept, and is not read";

/** Why the worker, which alone calls Railway, cannot; `others`: names that are set. Web never needs the token. */
export function railwayProblem(env: Environment, others: ReadonlySet<string>): string | undefined {
  if (!env.HOSTS.includes("railway") || env.RAILWAY_API_TOKEN !== undefined) return undefined;
  return `RAILWAY_API_TOKEN: is required in the worker where departments run on railway${others.has("RAILWAY_TOKEN") ? confused : ""}`;
}

/** What will do for development only. */
export function productionErrors(config: Config): Problem[] {
  const errors = [];
  if (!config.databaseUrl)
    errors.push({ path: "DATABASE_URL", message: "is required: production has no embedded server" });
  if (!config.kek)
    errors.push({ path: "FEDERATION_KEK", message: "is required: production has no default key" });
  if (!config.publicUrl.startsWith("https://"))
    errors.push({ path: "PUBLIC_URL", message: "must be https in production" });
  if (!config.oauthIssuer.startsWith("https://"))
    errors.push({ path: "OAUTH_ISSUER", message: "must be https in production" });
  if (config.oidc && !config.oidc.issuer.startsWith("https://"))
    errors.push({ path: "OIDC_ISSUER", message: "must be https in production" });
  const urls = {
    DATABASE_URL: config.databaseUrl,
    DATABASE_GATEWAY_URL: config.gatewayUrl,
    DATABASE_ADMIN_URL: config.adminUrl,
  };
  for (const [path, url] of Object.entries(urls)) {
    if (url && !hasVerifiedTls(url.reveal())) {
      errors.push({ path, message: "needs sslmode=verify-full (or a unix socket) in production" });
    }
  }
  return errors;
}

function hasVerifiedTls(databaseUrl: string): boolean {
  const url = new URL(databaseUrl);
  return (
    url.hostname === "" ||
    socketHost(databaseUrl).host !== undefined ||
    url.searchParams.get("sslmode") === "verify-full"
  );
}
