import { openClient } from "./open-client.ts";
import type { Sql } from "./tx.ts";

export interface PoolsOptions {
  appUrl: string;
  gatewayUrl: string;
  /** Provisioner or administrator; only a worker has it. */
  adminUrl?: string | undefined;
  applicationName: string;
  appMax?: number;
  gatewayMax?: number;
  provisionerMax?: number;
}

export interface Pools {
  app: Sql;
  /** federation_app too, for the run engine: few connections, so that its statements stay planned and warm. */
  engine: Sql;
  gateway: Sql;
  provisioner?: Sql;
  close(): Promise<void>;
}

/** A stopped process's transaction keeps its locks no longer: its run is taken over within 5 s. */
const stoppedSeconds = 2;

/**
 * Opens the pools; each lands in its own role, even when the URL is an administrator's. Nothing connects yet.
 * int8 arrives as text (the driver's default, exact): cast to int in SQL where a number is wanted.
 */
export function openPools(options: PoolsOptions): Pools {
  const { applicationName } = options;
  const app = openPool(options.appUrl, {
    role: "federation_app",
    applicationName,
    max: options.appMax ?? 10,
    statementTimeoutSeconds: 30,
    idleInTransactionSeconds: stoppedSeconds,
    lifetimeSeconds: 1800,
  });
  const engine = openPool(options.appUrl, {
    role: "federation_app",
    applicationName: `${applicationName} engine`,
    max: 3,
    // Shorter than a lease: a connection that does not come must not cost the runs.
    connectSeconds: 2,
    // Its rows are found by their keys, also when the tables were small while the plan was made.
    settings: { enable_seqscan: "off", enable_hashjoin: "off", enable_mergejoin: "off" },
    statementTimeoutSeconds: 30,
    idleInTransactionSeconds: stoppedSeconds,
    lifetimeSeconds: 1800,
  });
  // A session that touched 1,000 departments holds 324 MB of catalog cache: it does not live long.
  const gateway = openPool(options.gatewayUrl, {
    role: "federation_gateway",
    applicationName,
    max: options.gatewayMax ?? 10,
    // A department that locks its own tables must not keep the connections that the others need.
    settings: { lock_timeout: "1000" },
    statementTimeoutSeconds: 15,
    idleInTransactionSeconds: 30,
    lifetimeSeconds: 300,
  });
  const provisioner =
    options.adminUrl === undefined
      ? undefined
      : openPool(options.adminUrl, {
          role: "federation_provisioner",
          applicationName,
          max: options.provisionerMax ?? 4,
          statementTimeoutSeconds: 120,
          idleInTransactionSeconds: stoppedSeconds,
          lifetimeSeconds: 300,
        });
  return {
    app,
    engine,
    gateway,
    ...(provisioner && { provisioner }),
    async close() {
      await Promise.all([app, engine, gateway, provisioner].map((pool) => pool?.end({ timeout: 5 })));
    },
  };
}

export interface PoolOptions {
  role: string;
  applicationName: string;
  max: number;
  statementTimeoutSeconds: number;
  idleInTransactionSeconds: number;
  lifetimeSeconds: number;
  settings?: Record<string, string>;
  connectSeconds?: number;
}

function openPool(url: string, options: PoolOptions): Sql {
  const {
    role,
    applicationName,
    max,
    settings,
    statementTimeoutSeconds,
    idleInTransactionSeconds,
    lifetimeSeconds,
    connectSeconds = 10,
  } = options;
  const sameRole = decodeURIComponent(new URL(url).username) === role;
  return openClient(url, {
    max,
    connect_timeout: connectSeconds,
    idle_timeout: 120,
    max_lifetime: Math.round(lifetimeSeconds * (0.75 + Math.random() / 4)),
    prepare: true,
    connection: {
      application_name: applicationName,
      search_path: "pg_catalog",
      // Its compiling takes longer than any of our statements.
      jit: "off",
      // The engine's few big statements cost more to plan than to run.
      plan_cache_mode: "force_generic_plan",
      statement_timeout: statementTimeoutSeconds * 1000,
      idle_in_transaction_session_timeout: idleInTransactionSeconds * 1000,
      ...settings,
      ...(!sameRole && { role }),
    },
  });
}
