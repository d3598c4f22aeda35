import { refreshDue } from "../src/credentials/refresh-due.ts";
import type { ClosableWorkerDeps } from "../src/deps.ts";

const lanes = 32;
/** Runs each minute; the next one goes on. */
const budgetMs = 50_000;

/** Renews access tokens 5 to 10 minutes before they end. Overlapping runs and kills are harmless. */
export async function refreshCredentials({ db, accessTokens, log }: ClosableWorkerDeps): Promise<void> {
  const looked = await refreshDue(db.app, accessTokens, { lanes, budgetMs });
  if (looked > 0) log.info({ credentials: looked }, "credentials refreshed");
}
