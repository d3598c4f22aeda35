import { FederationError } from "../errors.ts";
import type { Pools } from "./pools.ts";

/** Resolves when both pools answer and are in the roles they must be in. Throws 503 `not_ready`. */
export async function checkReady({ app, gateway }: Pick<Pools, "app" | "gateway">): Promise<void> {
  const role = async (sql: Pools["app"]) =>
    (await sql<{ role: string }[]>`select current_user as role`)[0]?.role;
  try {
    const roles = await Promise.all([role(app), role(gateway)]);
    if (roles.join() === "federation_app,federation_gateway") return;
  } catch (cause) {
    throw notReady(cause);
  }
  throw notReady();
}

const notReady = (cause?: unknown) =>
  new FederationError("not_ready", "The database is not there, or not with the right roles.", {
    status: 503,
    retryable: true,
    retryAfterSeconds: 2,
    cause,
  });
