import type { Config } from "../config.ts";
import type { Tx } from "../db/tx.ts";
import type { LimitKind, RatePolicy } from "./limit.ts";

const perMinute = (hits: number): RatePolicy => ({ hits, windowSeconds: 60 });

/** What an installation begins with; a kind that is left out is not limited. */
const defaultPolicies: Record<Config["environment"], Partial<Record<LimitKind, RatePolicy>>> = {
  development: { ...common(), pair: perMinute(100) },
  staging: { ...common(), pair: perMinute(50), provision: { hits: 10, windowSeconds: 3600 } },
  production: { ...common(), pair: perMinute(10), provision: { hits: 5, windowSeconds: 3600 } },
};

function common() {
  return { department: perMinute(100), key: perMinute(100), login: perMinute(10), address: perMinute(100) };
}

/** Writes down the policies that are missing; a changed or known one stays as it is. Needs the owner's role. */
export async function prepareLimits(tx: Tx, environment: Config["environment"]): Promise<void> {
  const rows = Object.entries(defaultPolicies[environment]).map(([kind, { hits, windowSeconds }]) => ({
    kind,
    hits,
    window_seconds: windowSeconds,
  }));
  await tx`insert into federation.rate_policy ${tx(rows)} on conflict do nothing`;
}
