import type { Diagnosis, Patient } from "./diagnosis.ts";

/** Whether web holds what only a worker needs: who takes web over would have it, too. */
export function checkWebEnvironment({ config, process }: Patient): Promise<Diagnosis[]> {
  if (process !== "web") return Promise.resolve([]);
  const { adminUrl, databaseUrl, railway } = config;
  // Unset, it is taken to be DATABASE_URL.
  const hasAdminUrl = adminUrl !== undefined && adminUrl.reveal() !== databaseUrl?.reveal();
  const found: Diagnosis[] = [];
  if (hasAdminUrl)
    found.push({
      level: "error",
      what: "DATABASE_ADMIN_URL is set in web",
      remedy:
        "Take it, and DATABASE_ADMIN_PASSWORD, out of web's environment: it opens every department's schema.",
    });
  if (railway.tokens.length > 0)
    found.push({
      level: "warning",
      what: "RAILWAY_API_TOKEN is set in web",
      remedy: "Take it out of web's environment: only workers call Railway.",
    });
  return Promise.resolve(found.length > 0 ? found : [{ level: "ok", what: "web holds nothing of a worker" }]);
}
