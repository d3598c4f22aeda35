import type { Ctx } from "../../context.ts";
import { type EndpointView, readEndpoint } from "./endpoint.ts";

/** One endpoint. Throws the same 404 for a missing one and another department's. */
export function showEndpoint(ctx: Ctx, id: string): Promise<EndpointView> {
  return readEndpoint(ctx, ctx.db.app, id);
}
