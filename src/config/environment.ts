import { z } from "zod";
import { Secret } from "../crypto/secret.ts";
import { otlpHeaders } from "./otlp-headers.ts";
import { createAllowList } from "../net/allow-list.ts";

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

/** Every variable that Federation reads, with its default. */
export const environment = z.object({
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
  /** The company's own OpenID issuer, for signing in to the console. */
  OIDC_ISSUER: z.url().optional(),
  OIDC_CLIENT_ID: z.string().max(500).optional(),
  OIDC_CLIENT_SECRET: secret.optional(),
  /** Private addresses that outbound calls may reach all the same: `host`, `host:port` or CIDR. */
  OUTBOUND_ALLOW: list(z.string()).refine(isReadable, "has to be hosts, host:port or CIDR"),
  FOUR_EYES: list(z.enum(["deprovision", "key-retire", "wildcard-grant", "config-change"])),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  FAILURE_HOLD_MINUTES: z.coerce.number().min(0).max(10_080).default(60),
  /** Between two looks at a department that is well, and at one that is not. */
  HEALTH_EVERY_SECONDS: z.coerce.number().int().min(10).max(3600).default(300),
  HEALTH_RECHECK_SECONDS: z.coerce.number().int().min(1).max(60).default(5),
  /** How long every department has to be well with a release before it is promoted. */
  PROMOTION_HEALTHY_HOURS: z.coerce.number().min(0).max(8760).default(24),
  /** Base URL of a collector for traces, OTLP over HTTP; `/v1/traces` is added to it. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** What the collector wants in headers: `name=value`, comma-separated, values percent-encoded. */
  OTEL_EXPORTER_OTLP_HEADERS: otlpHeaders.optional(),
  OTEL_SERVICE_NAME: z.string().max(100).optional(),
  /** How `fed` reaches the API when it is not told: the URL and key of `fed up` are files in DATA_DIR. */
  FEDERATION_URL: z.url().optional(),
  FEDERATION_API_KEY: secret.optional(),
});

export type Environment = z.infer<typeof environment>;
