import type { Diagnosis, Patient } from "./diagnosis.ts";

/** Whether everything is set that web and worker need. What production demands beyond it, src/config.ts does. */
export function checkSettings({ config }: Patient): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  const need = (value: unknown, name: string, remedy: string) =>
    found.push(
      value
        ? { level: "ok", what: `${name} is set` }
        : { level: "error", what: `${name} is not set`, remedy },
    );
  need(config.databaseUrl, "DATABASE_URL", "Run `fed init` against your Postgres, or `fed up` here.");
  need(config.kek, "FEDERATION_KEK", "Run `fed init`; keep the key outside the database and its backups.");
  if (config.environment !== "production" && !config.publicUrl.startsWith("https://")) {
    found.push({
      level: "warning",
      what: "PUBLIC_URL is plain HTTP",
      remedy: "Fine on this machine; production refuses it.",
    });
  }
  return Promise.resolve(found);
}
