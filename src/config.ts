import { resolve } from "node:path";
import { z } from "zod";
import { FederationError } from "./errors.ts";
import { Secret } from "./crypto/secret.ts";
import { socketHost } from "./db/socket-host.ts";
import { readFileVariables } from "./file-variables.ts";
import { createAllowList } from "./net/allow-list.ts";

const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));
const port = z.coerce.number().int().min(0).max(65535);

const list = <T extends z.ZodType<unknown, string>>(item: T) =>
  z
    .string()
    .default("")
    .transform((text) =>
      text
        .split(",")
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ""),
    )
    .pipe(z.array(item));

/** Reference of an image, such as registry.example/agent:1 or with a digest. */
export const imageReference = z
  .string()
  .max(255)
  .regex(/^[a-z0-9][a-zA-Z0-9._:/@-]*$/, "must be the reference of an image");

const isReadable = (entries: string[]) => {
  try {
    return createAllowList(entries) !== undefined;
  } catch {
    return false;
  }
};

const environment = z.object({
  FEDERATION_ENV: z.enum(["development", "staging", "production"]).default("development"),
  PORT: port.default(3000),
  /** Interface the web process binds; containers need 0.0.0.0. */
  HOST: z.string().default("127.0.0.1"),
  PUBLIC_URL: z.url().optional(),
  DATABASE_URL: secret.optional(),
  DATABASE_GATEWAY_URL: secret.optional(),
  DATABASE_ADMIN_URL: secret.optional(),
  /** Of the login in DATABASE_ADMIN_URL, where it is kept apart. */
  DATABASE_ADMIN_PASSWORD: secret.optional(),
  FEDERATION_KEK: secret.optional(),
  FEDERATION_KEK_PREVIOUS: secret.optional(),
  DATA_DIR: z.string().default(".data"),
  ARTIFACTS_URL: z.string().optional(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  HOSTS: z
    .string()
    .default("local")
    .transform((text) => text.split(",").map((name) => name.trim()))
    .pipe(z.array(z.enum(["local", "docker", "railway"])).min(1)),
  /** Engine of the host `docker`: `unix:///path` or `tcp://host:port`; a manager of its swarm. */
  DOCKER_HOST: z
    .string()
    .regex(/^(unix:\/\/\/|tcp:\/\/)/, "must be unix:///path or tcp://host:port")
    .default("unix:///var/run/docker.sock"),
  /** Directory with ca.pem, cert.pem and key.pem, as Docker's own tools want it: TLS both ways. */
  DOCKER_CERT_PATH: z.string().optional(),
  /** Containers that join every department's network: `name` as `federation`, `name:alias` as that. */
  DOCKER_ATTACH: list(
    z
      .string()
      .regex(
        /^[a-zA-Z0-9][a-zA-Z0-9_.-]*(:[a-z][a-z0-9-]*)?$/,
        "must be the name of a container, or name:alias",
      ),
  ),
  /** How agents in containers reach web; PUBLIC_URL unless set. */
  DOCKER_FEDERATION_URL: z.url().optional(),
  /** Account or workspace tokens of Railway, comma-separated; never a project token. */
  RAILWAY_API_TOKEN: secret.optional(),
  /** Ids of the workspaces that get projects; all that the tokens reach unless set. */
  RAILWAY_WORKSPACES: list(z.string().regex(/^[a-zA-Z0-9-]{1,64}$/, "must be the id of a workspace")),
  RAILWAY_ENDPOINT: z.url().default("https://backboard.railway.com/graphql/v2"),
  /** Each token's budget: 1,000 and 10 on Hobby, 10,000 and 50 on Pro. */
  RAILWAY_CALLS_PER_HOUR: z.coerce.number().int().min(100).default(10_000),
  RAILWAY_CALLS_PER_SECOND: z.coerce.number().int().min(2).default(50),
  /** Whether agents get a public address; they need none for voice. */
  RAILWAY_DOMAINS: z.enum(["none", "public"]).default("none"),
  /** `scheduled`: Railway keeps a deleted project for 48 hours. */
  RAILWAY_DELETE: z.enum(["now", "scheduled"]).default("now"),
  /** Image of the agent, best by digest. */
  AGENT_IMAGE: imageReference.optional(),
  N8N_BASE_URL: z.url().optional(),
  N8N_API_KEY: secret.optional(),
  /** Where n8n serves webhooks and MCP; N8N_BASE_URL unless set. */
  N8N_WEBHOOK_URL: z.url().optional(),
  /** How workflows reach web; PUBLIC_URL unless set. */
  N8N_FEDERATION_URL: z.url().optional(),
  LIVEKIT_URL: z.url({ protocol: /^(wss?|https?)$/ }).optional(),
  LIVEKIT_API_KEY: z.string().optional(),
  LIVEKIT_API_SECRET: secret.optional(),
  DEEPGRAM_API_KEY: secret.optional(),
  CARTESIA_API_KEY: secret.optional(),
  /** An OpenAI-compatible endpoint, such as https://api.cerebras.ai/v1, with its key and model. */
  LLM_BASE_URL: z.url().optional(),
  LLM_API_KEY: secret.optional(),
  LLM_MODEL: z.string().optional(),
  RUNS_MAX: z.coerce.number().int().min(1).max(500).default(32),
  /** Where audit checkpoints go: a `file:` URL apart from the artifacts, best on another machine. */
  AUDIT_ANCHOR: z
    .string()
    .regex(/^file:/, "must be a file: URL of a directory")
    .optional(),
  OAUTH_ISSUER: z.url().default("https://accounts.google.com"),
  /** Private addresses that outbound calls may reach all the same: `host`, `host:port` or CIDR. */
  OUTBOUND_ALLOW: list(z.string()).refine(isReadable, "has to be hosts, host:port or CIDR"),
  FOUR_EYES: list(z.enum(["deprovision", "key-retire", "wildcard-grant"])),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  FAILURE_HOLD_MINUTES: z.coerce.number().min(0).max(10_080).default(60),
  /** How `fed` reaches the API when it is not told: the URL and key of `fed up` are files in DATA_DIR. */
  FEDERATION_URL: z.url().optional(),
  FEDERATION_API_KEY: secret.optional(),
});

type Environment = z.infer<typeof environment>;

export interface Config {
  environment: "development" | "staging" | "production";
  port: number;
  host: string;
  publicUrl: string;
  databaseUrl: Secret<string> | undefined;
  gatewayUrl: Secret<string> | undefined;
  adminUrl: Secret<string> | undefined;
  kek: Secret<string> | undefined;
  kekPrevious: Secret<string> | undefined;
  dataDirectory: string;
  /** `file:` URL of a directory; a bucket comes later. */
  artifactsUrl: string;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  hosts: readonly ("local" | "railway" | "docker")[];
  runsMax: number;
  failureHoldMinutes: number;
  /** `file:` URL of the directory that audit checkpoints go to. */
  auditAnchorUrl: string;
  /** OpenID issuer whose discovery names the OAuth endpoints. */
  oauthIssuer: string;
  outboundAllow: readonly string[];
  /** Actions that a second member has to approve. */
  fourEyes: readonly ("deprovision" | "key-retire" | "wildcard-grant")[];
  /** How many proxies in front of web append to X-Forwarded-For. */
  trustedProxies: number;
  apiUrl: string | undefined;
  apiKey: Secret<string> | undefined;
  /** What hosts that run images run in a new department. */
  agentImage: string | undefined;
  docker: DockerConfig;
  railway: RailwayConfig;
  /** Undefined: departments have no workflows. */
  n8n: N8nConfig | undefined;
  /** How workflows reach web, wherever they run. */
  n8nFederationUrl: string;
  /** Undefined: agents have no voice. */
  livekit: LiveKitConfig | undefined;
}

export interface DockerConfig {
  host: string;
  certPath: string | undefined;
  attach: readonly string[];
  federationUrl: string;
}

export interface RailwayConfig {
  endpoint: string;
  tokens: readonly Secret<string>[];
  /** Empty = all that the tokens reach. */
  workspaces: readonly string[];
  callsPerHour: number;
  callsPerSecond: number;
  domains: "none" | "public";
  deletes: "now" | "scheduled";
}

export interface N8nConfig {
  baseUrl: string;
  apiKey: Secret<string>;
  webhookUrl: string;
  federationUrl: string;
}

/** LiveKit, and the speech and language models its agents speak with. */
export interface LiveKitConfig {
  url: string;
  apiKey: string;
  apiSecret: Secret<string>;
  deepgramKey: Secret<string>;
  cartesiaKey: Secret<string>;
  llm: { baseUrl: string; apiKey: Secret<string>; model: string };
}

/**
 * The only reader of the environment. Reports every problem at once as a FederationError `bad_configuration` with one
 * entry per variable; empty variables count as unset. NAME_FILE is the path of a file with the value of NAME.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env): Readonly<Config> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const { given, problems } = readFileVariables(set, Object.keys(environment.shape));
  const parsed = environment.safeParse(given);
  if (!parsed.success || problems.length > 0) {
    const errors = (parsed.error?.issues ?? []).map((issue) => ({
      path: issue.path.join("."),
      message: issue.message,
    }));
    throw badConfiguration([...problems, ...errors]);
  }
  const together = partErrors(parsed.data);
  if (together.length > 0) throw badConfiguration(together);
  const config = configOf(parsed.data);
  const errors = config.environment === "production" ? productionErrors(config) : [];
  if (errors.length > 0) throw badConfiguration(errors);
  return Object.freeze(config);
}

interface Problem {
  path: string;
  message: string;
}

function configOf(env: Environment): Config {
  const dataDirectory = resolve(env.DATA_DIR);
  const publicUrl = env.PUBLIC_URL ?? `http://127.0.0.1:${env.PORT}`;
  const n8nFederationUrl = trimmed(env.N8N_FEDERATION_URL ?? publicUrl);
  return {
    environment: env.FEDERATION_ENV,
    port: env.PORT,
    host: env.HOST,
    publicUrl,
    databaseUrl: env.DATABASE_URL,
    gatewayUrl: env.DATABASE_GATEWAY_URL ?? env.DATABASE_URL,
    adminUrl: adminUrlOf(env),
    kek: env.FEDERATION_KEK,
    kekPrevious: env.FEDERATION_KEK_PREVIOUS,
    dataDirectory,
    artifactsUrl: env.ARTIFACTS_URL ?? `file:${dataDirectory}/artifacts`,
    auditAnchorUrl: env.AUDIT_ANCHOR ?? `file:${dataDirectory}/anchor`,
    oauthIssuer: env.OAUTH_ISSUER,
    outboundAllow: env.OUTBOUND_ALLOW,
    fourEyes: env.FOUR_EYES,
    trustedProxies: env.TRUSTED_PROXIES,
    logLevel: env.LOG_LEVEL,
    hosts: env.HOSTS,
    runsMax: env.RUNS_MAX,
    failureHoldMinutes: env.FAILURE_HOLD_MINUTES,
    apiUrl: env.FEDERATION_URL,
    apiKey: env.FEDERATION_API_KEY,
    docker: {
      host: env.DOCKER_HOST,
      certPath: env.DOCKER_CERT_PATH,
      attach: env.DOCKER_ATTACH,
      federationUrl: env.DOCKER_FEDERATION_URL ?? publicUrl,
    },
    railway: railwayOf(env),
    agentImage: env.AGENT_IMAGE,
    n8n: n8nOf(env, n8nFederationUrl),
    n8nFederationUrl,
    livekit: livekitOf(env),
  };
}

function adminUrlOf(env: Environment): Secret<string> | undefined {
  const { DATABASE_ADMIN_PASSWORD: password, DATABASE_ADMIN_URL: given = env.DATABASE_URL } = env;
  if (!given || !password) return given;
  const url = new URL(given.reveal());
  url.password = password.reveal();
  return new Secret(url.href);
}

function railwayOf(env: Environment): RailwayConfig {
  const tokens = (env.RAILWAY_API_TOKEN?.reveal() ?? "").split(",").map((token) => token.trim());
  return {
    endpoint: env.RAILWAY_ENDPOINT,
    tokens: tokens.filter((token) => token !== "").map((token) => new Secret(token)),
    workspaces: env.RAILWAY_WORKSPACES,
    callsPerHour: env.RAILWAY_CALLS_PER_HOUR,
    callsPerSecond: env.RAILWAY_CALLS_PER_SECOND,
    domains: env.RAILWAY_DOMAINS,
    deletes: env.RAILWAY_DELETE,
  };
}

function n8nOf(env: Environment, federationUrl: string): N8nConfig | undefined {
  if (env.N8N_BASE_URL === undefined || !env.N8N_API_KEY) return undefined;
  const baseUrl = trimmed(env.N8N_BASE_URL);
  return {
    baseUrl,
    apiKey: env.N8N_API_KEY,
    webhookUrl: trimmed(env.N8N_WEBHOOK_URL ?? baseUrl),
    federationUrl,
  };
}

function livekitOf(env: Environment): LiveKitConfig | undefined {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = env;
  const { LLM_BASE_URL: baseUrl, LLM_API_KEY: llmKey, LLM_MODEL: model } = env;
  const { DEEPGRAM_API_KEY: deepgramKey, CARTESIA_API_KEY: cartesiaKey } = env;
  if (!url || !apiKey || !apiSecret || !baseUrl || !llmKey || !model || !deepgramKey || !cartesiaKey)
    return undefined;
  return { url, apiKey, apiSecret, deepgramKey, cartesiaKey, llm: { baseUrl, apiKey: llmKey, model } };
}

/** Variables that mean something only together. */
const parts: (keyof Environment)[][] = [
  ["N8N_BASE_URL", "N8N_API_KEY"],
  [
    ...(["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"] as const),
    ...(["DEEPGRAM_API_KEY", "CARTESIA_API_KEY"] as const),
    ...(["LLM_BASE_URL", "LLM_API_KEY", "LLM_MODEL"] as const),
  ],
];

function partErrors(env: Environment): Problem[] {
  const missing = parts.flatMap((names) => {
    const unset = names.filter((name) => env[name] === undefined);
    if (unset.length === names.length) return [];
    const others = names.filter((name) => !unset.includes(name));
    return unset.map((path) => ({ path, message: `is required beside ${others.join(", ")}` }));
  });
  const imageHost = env.HOSTS.find((host) => host !== "local");
  if (imageHost && env.AGENT_IMAGE === undefined)
    missing.push({ path: "AGENT_IMAGE", message: `is required where departments run on ${imageHost}` });
  if (env.HOSTS.includes("railway") && env.RAILWAY_API_TOKEN === undefined)
    missing.push({ path: "RAILWAY_API_TOKEN", message: "is required where departments run on railway" });
  return missing;
}

const trimmed = (url: string) => url.replace(/\/+$/, "");

function productionErrors(config: Config): Problem[] {
  const errors = [];
  if (!config.databaseUrl)
    errors.push({ path: "DATABASE_URL", message: "is required: production has no embedded server" });
  if (!config.kek)
    errors.push({ path: "FEDERATION_KEK", message: "is required: production has no default key" });
  if (!config.publicUrl.startsWith("https://"))
    errors.push({ path: "PUBLIC_URL", message: "must be https in production" });
  if (!config.oauthIssuer.startsWith("https://"))
    errors.push({ path: "OAUTH_ISSUER", message: "must be https in production" });
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

function badConfiguration(errors: Problem[]): FederationError {
  const list = errors.map((error) => `${error.path}: ${error.message}`).join("; ");
  return new FederationError("bad_configuration", `The environment does not fit: ${list}`, { errors });
}

/** The environment of a child process: ours, with these instead, also of what we read from files. */
export function childEnvironment(
  values: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const files = Object.keys(values).map((name) => [`${name}_FILE`, undefined]);
  return { ...process.env, ...Object.fromEntries(files), ...values };
}
