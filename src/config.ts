import { resolve } from "node:path";
import { FederationError } from "./errors.ts";
import { type Environment, environment } from "./config/environment.ts";
import { partErrors, railwayProblem, type Problem, productionErrors } from "./config/problems.ts";
import { Secret } from "./crypto/secret.ts";
import type { Host } from "./providers/hosts/host.ts";
import { readFileVariables } from "./file-variables.ts";

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
  hosts: readonly Host["name"][];
  runsMax: number;
  failureHoldMinutes: number;
  /** Between two looks at a department's health, and between those after a failure. */
  healthEverySeconds: number;
  healthRecheckSeconds: number;
  /** How long every department has to be well with a release before it is promoted. */
  promotionHealthyHours: number;
  /** `file:` URL of the directory that audit checkpoints go to. */
  auditAnchorUrl: string;
  /** OpenID issuer whose discovery names the OAuth endpoints. */
  oauthIssuer: string;
  /** Undefined: people sign in to the console with a key only. */
  oidc: OidcConfig | undefined;
  outboundAllow: readonly string[];
  /** Actions that a second member has to approve. */
  fourEyes: readonly ("deprovision" | "key-retire" | "wildcard-grant" | "config-change")[];
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
  /** Undefined: nothing is traced. */
  traces: TracesConfig | undefined;
}

export interface OidcConfig {
  issuer: string;
  clientId: string;
  clientSecret: Secret<string>;
}

export interface DockerConfig {
  host: string;
  certPath: string | undefined;
  attach: readonly string[];
  federationUrl: string;
}

export interface RailwayConfig {
  endpoint: string;
  /** Why a worker cannot run with this; web can. */
  problem: string | undefined;
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

export interface TracesConfig {
  /** Base URL of an OTLP collector. */
  endpoint: string;
  headers: Secret<Record<string, string>>;
  /** Undefined: `federation-` and the process. */
  service: string | undefined;
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
  const config = configOf(parsed.data, new Set(Object.keys(set)));
  const errors = config.environment === "production" ? productionErrors(config) : [];
  if (errors.length > 0) throw badConfiguration(errors);
  return Object.freeze(config);
}

function configOf(env: Environment, names: ReadonlySet<string>): Config {
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
    oidc: oidcOf(env),
    outboundAllow: env.OUTBOUND_ALLOW,
    fourEyes: env.FOUR_EYES,
    trustedProxies: env.TRUSTED_PROXIES,
    logLevel: env.LOG_LEVEL,
    hosts: env.HOSTS,
    runsMax: env.RUNS_MAX,
    failureHoldMinutes: env.FAILURE_HOLD_MINUTES,
    healthEverySeconds: env.HEALTH_EVERY_SECONDS,
    healthRecheckSeconds: env.HEALTH_RECHECK_SECONDS,
    promotionHealthyHours: env.PROMOTION_HEALTHY_HOURS,
    apiUrl: env.FEDERATION_URL,
    apiKey: env.FEDERATION_API_KEY,
    docker: {
      host: env.DOCKER_HOST,
      certPath: env.DOCKER_CERT_PATH,
      attach: env.DOCKER_ATTACH,
      federationUrl: env.DOCKER_FEDERATION_URL ?? publicUrl,
    },
    railway: railwayOf(env, names),
    agentImage: env.AGENT_IMAGE,
    n8n: n8nOf(env, n8nFederationUrl),
    n8nFederationUrl,
    livekit: livekitOf(env),
    traces: tracesOf(env),
  };
}

function adminUrlOf(env: Environment): Secret<string> | undefined {
  const { DATABASE_ADMIN_PASSWORD: password, DATABASE_ADMIN_URL: given = env.DATABASE_URL } = env;
  if (!given || !password) return given;
  const url = new URL(given.reveal());
  url.password = password.reveal();
  return new Secret(url.href);
}

function railwayOf(env: Environment, names: ReadonlySet<string>): RailwayConfig {
  const tokens = (env.RAILWAY_API_TOKEN?.reveal() ?? "").split(",").map((token) => token.trim());
  return {
    endpoint: env.RAILWAY_ENDPOINT,
    problem: railwayProblem(env, names),
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

function oidcOf(env: Environment): OidcConfig | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  return issuer && clientId && clientSecret ? { issuer, clientId, clientSecret } : undefined;
}

function livekitOf(env: Environment): LiveKitConfig | undefined {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = env;
  const { LLM_BASE_URL: baseUrl, LLM_API_KEY: llmKey, LLM_MODEL: model } = env;
  const { DEEPGRAM_API_KEY: deepgramKey, CARTESIA_API_KEY: cartesiaKey } = env;
  if (!url || !apiKey || !apiSecret || !baseUrl || !llmKey || !model || !deepgramKey || !cartesiaKey)
    return undefined;
  return { url, apiKey, apiSecret, deepgramKey, cartesiaKey, llm: { baseUrl, apiKey: llmKey, model } };
}

function tracesOf(env: Environment): TracesConfig | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = env;
  return endpoint === undefined
    ? undefined
    : { endpoint, headers: headers ?? new Secret({}), service: env.OTEL_SERVICE_NAME };
}

const trimmed = (url: string) => url.replace(/\/+$/, "");

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
