import { FederationError } from "../../../errors.ts";
import type { RailwayProject } from "../../railway/railway.ts";
import { notSeenYet } from "./ask.ts";
import type { RailwayContext } from "./context.ts";

/** The id of the environment that agents run in. Throws where Railway does not show it yet, or somebody renamed it. */
export function environmentIn(ctx: RailwayContext, { name, environments }: RailwayProject): string {
  const [first, ...others] = environments;
  if (!first) throw notSeenYet(ctx);
  const named = environments.find((candidate) => candidate.name === ctx.environment);
  if (named) return named.id;
  if (others.length === 0) return first.id;
  const message = `Railway's project ${name} has no environment ${ctx.environment}.`;
  throw new FederationError("railway_no_environment", message, { status: 409 });
}
