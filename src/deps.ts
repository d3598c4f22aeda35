/** Wiring: what the web and the worker process are made of. Opened here, handed down, closed in reverse. */
import type { Logger } from "pino";
import { type Artifacts, openArtifacts } from "./artifacts/artifacts.ts";
import { createCallBudgets } from "./call-budgets/call-budgets.ts";
import type { Config } from "./config.ts";
import type { Caller, Ctx } from "./context.ts";
import { type AccessTokens, createAccessTokens } from "./credentials/access-tokens.ts";
import { environmentKeyProvider } from "./crypto/kek.ts";
import type { Secret } from "./crypto/secret.ts";
import { createVault, type Vault } from "./crypto/vault.ts";
import { openPools, type Pools } from "./db/pools.ts";
import { checkRoles } from "./db/role-check.ts";
import { agentVariables } from "./departments/agent-variables.ts";
import { FederationError } from "./errors.ts";
import { type AgentClient, createAgentClient } from "./providers/agents/client.ts";
import { createOAuthProvider } from "./providers/google/create-oauth-provider.ts";
import type { OAuthProvider } from "./providers/google/oauth-provider.ts";
import { createN8nClient } from "./providers/n8n/create-n8n-client.ts";
import type { N8nClient } from "./providers/n8n/n8n.ts";
import type { Host } from "./providers/hosts/host.ts";
import { createEngine } from "./providers/hosts/docker/engine.ts";
import { createDockerHost } from "./providers/hosts/docker/host.ts";
import { createLocalHost } from "./providers/hosts/local/host.ts";
import { createRailwayHost } from "./providers/hosts/railway/host.ts";
import { createRailwayClient } from "./providers/railway/create-railway-client.ts";
import { type RailwayPace, railwayPace } from "./providers/railway/pace.ts";
import type { WorkerDeps } from "./provisioning/worker-deps.ts";
import { createSigningKeys } from "./tokens/signing-keys.ts";
import { traceCall } from "./net/trace-call.ts";
import { noTracer, type Tracer } from "./traces/tracer.ts";
import { openQueue, type Queue } from "./queue/queue.ts";

export interface Deps {
  config: Readonly<Config>;
  log: Logger;
  db: Pools;
  vault: Vault;
  queue: Queue;
  artifacts: Artifacts;
  agents: AgentClient;
  oauth: OAuthProvider;
  n8n: N8nClient | undefined;
  accessTokens: AccessTokens;
  tracer: Tracer;
  close(): Promise<void>;
}

export interface ClosableWorkerDeps extends Deps, WorkerDeps {
  db: Pools & WorkerDeps["db"];
  bossUrl: Secret<string>;
}

/** Opens everything a web process uses; refuses to start with a wrong KEK, a privileged role or an old server. */
export async function createDeps(
  config: Readonly<Config>,
  log: Logger,
  tracer: Tracer = noTracer,
): Promise<Deps> {
  return openDeps(config, log, { process: "web", tracer, adminUrl: undefined });
}

/** As `createDeps`, with the provisioner's pool and the hosts. `railwayPace` changes how fast Railway is taken to be. */
export async function createWorkerDeps(
  config: Readonly<Config>,
  log: Logger,
  {
    railwayPace: paceChanges = {},
    tracer = noTracer,
  }: { railwayPace?: Partial<RailwayPace>; tracer?: Tracer } = {},
): Promise<ClosableWorkerDeps> {
  if (config.railway.problem) throw new FederationError("bad_configuration", config.railway.problem);
  const adminUrl = required(config.adminUrl, "DATABASE_ADMIN_URL");
  const deps = await openDeps(config, log, { process: "worker", tracer, adminUrl });
  const { provisioner } = deps.db;
  if (!provisioner) throw new FederationError("bad_configuration", "The worker needs DATABASE_ADMIN_URL.");
  const db = { ...deps.db, provisioner };
  const signingKeys = createSigningKeys({ sql: db.app, vault: deps.vault });
  return {
    ...deps,
    db,
    signingKeys,
    hosts: hostsOf(config, deps, paceChanges),
    bossUrl: required(config.databaseUrl, "DATABASE_URL"),
  };
}

/** What a scheduled job acts as. */
export function systemContext(deps: Deps, name: string): Ctx {
  const caller: Caller = {
    kind: "system",
    id: name,
    role: undefined,
    departmentId: undefined,
    scopes: new Set(),
  };
  return { ...deps, caller, requestId: Bun.randomUUIDv7(), idempotency: undefined };
}

async function openDeps(
  config: Readonly<Config>,
  log: Logger,
  { process, tracer, adminUrl }: { process: string; tracer: Tracer; adminUrl: Secret<string> | undefined },
): Promise<Deps> {
  const appUrl = required(config.databaseUrl, "DATABASE_URL");
  const db = openPools({
    appUrl: appUrl.reveal(),
    gatewayUrl: required(config.gatewayUrl, "DATABASE_GATEWAY_URL").reveal(),
    adminUrl: adminUrl?.reveal(),
    applicationName: `federation ${process}`,
  });
  const onError = (error: unknown) => log.error({ err: error }, "queue error");
  const opening = openQueue({ url: appUrl.reveal(), role: "federation_app", onError });
  opening.catch(() => {});
  try {
    for (const warning of await checkRoles(db, { production: config.environment === "production" })) {
      log.warn(warning);
    }
    const provider = environmentKeyProvider({
      current: required(config.kek, "FEDERATION_KEK"),
      previous: config.kekPrevious,
    });
    const vault = await createVault({ sql: db.app, provider, environment: config.environment });
    const queue = await opening;
    const oauth = createOAuthProvider({ issuer: config.oauthIssuer, fetch: traceCall(tracer, "oauth") });
    const accessTokens = createAccessTokens({ sql: db.app, vault, oauth, log });
    const close = async () => {
      await accessTokens.close();
      await queue.close();
      await db.close();
    };
    return {
      config,
      log,
      db,
      vault,
      queue,
      artifacts: openArtifacts(config.artifactsUrl),
      agents: createAgentClient(traceCall(tracer, "agent")),
      oauth,
      n8n: config.n8n && createN8nClient({ ...config.n8n, fetch: traceCall(tracer, "n8n") }),
      accessTokens,
      tracer,
      close,
    };
  } catch (error) {
    await Promise.allSettled([opening.then((queue) => queue.close()), db.close()]);
    throw error;
  }
}

function hostsOf(
  config: Readonly<Config>,
  { db, vault, tracer }: Deps,
  paceChanges: Partial<RailwayPace>,
): ReadonlyMap<string, Host> {
  const hosts = new Map<string, Host>();
  if (config.hosts.includes("local")) {
    const { seal, open } = agentVariables(vault);
    const send = traceCall(tracer, "agent");
    hosts.set("local", createLocalHost({ sql: db.app, sealVariables: seal, openVariables: open, send }));
  }
  if (config.hosts.includes("docker")) {
    const { host, certPath, attach } = config.docker;
    const engine = createEngine({ host, certPath, fetch: traceCall(tracer, "docker") });
    const { environment } = config;
    hosts.set("docker", createDockerHost({ engine, imageOf: (release) => release, attach, environment }));
  }
  if (config.hosts.includes("railway"))
    hosts.set("railway", railwayHostOf(config, { db, tracer }, paceChanges));
  return hosts;
}

function railwayHostOf(
  { railway, environment }: Readonly<Config>,
  { db: { app: sql }, tracer }: Pick<Deps, "db" | "tracer">,
  paceChanges: Partial<RailwayPace>,
): Host {
  const { endpoint, tokens, workspaces, callsPerHour, callsPerSecond, domains, deletes } = railway;
  const pace = { ...railwayPace, callsPerHour, callsPerSecond, ...paceChanges };
  const budgets = createCallBudgets(sql, { lateSeconds: pace.createEverySeconds / 3 });
  const client = createRailwayClient({
    endpoint,
    tokens,
    workspaces,
    budgets,
    pace,
    send: traceCall(tracer, "railway"),
  });
  return createRailwayHost({ client, sql, environment, pace, domains, deletes });
}

function required(value: Secret<string> | undefined, name: string): Secret<string> {
  if (value) return value;
  throw new FederationError("bad_configuration", `${name} is not set; \`fed init\` prints what to set.`);
}
