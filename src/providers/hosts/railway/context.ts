import type { Sql } from "../../../db/tx.ts";
import { FederationError } from "../../../errors.ts";
import type { RailwayPace } from "../../railway/pace.ts";
import type { RailwayClient, RailwayProject } from "../../railway/railway.ts";
import { createRecentAnswers, type RecentAnswers } from "../../railway/recent-answers.ts";

export interface RailwayHostOptions {
  client: RailwayClient;
  sql: Sql;
  /** The installation's; also the name of the environment in every project. */
  environment: string;
  pace: RailwayPace;
  /** Whether agents get an address that the internet reaches. */
  domains: "none" | "public";
  /** `scheduled`: Railway keeps a deleted project for 48 hours. */
  deletes: "now" | "scheduled";
  /** Of a public domain; https unless given. */
  urlOf?: (domain: string) => string;
}

/** The options with nothing left open. */
export type RailwayContext = Required<RailwayHostOptions> & {
  /** Of workspaces, shared by departments that begin at the same time. */
  lists: RecentAnswers<string, RailwayProject[]>;
};

export const contextOf = (options: RailwayHostOptions): RailwayContext => ({
  urlOf: (domain) => `https://${domain}`,
  ...options,
  lists: createRecentAnswers(options.pace.lagSeconds / 4),
});

export const agentMissing = () =>
  new FederationError("agent_missing", "The department has no agent on this host.", { status: 409 });
