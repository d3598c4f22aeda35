import type { Ctx } from "../context.ts";
import { FederationError } from "../errors.ts";
import { type Demand, demandApproval } from "./demand.ts";

/**
 * Runs what calls `useApproval` in its transaction. Only when all the rest of it would be accepted and no approval was
 * found is the request filed: then throws 403 `approval_required` with its id.
 */
export async function withApproval<T>(ctx: Ctx, demand: Demand, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof FederationError && error.code === "approval_required")
      await demandApproval(ctx, demand);
    throw error;
  }
}
