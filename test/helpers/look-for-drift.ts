import type { JsonObject } from "../../src/json.ts";
import { type Installation, until } from "./installation.ts";

/** Asks a worker of the installation for a look at the department, and answers its report. */
export async function lookForDrift({ client }: Installation, slug: string): Promise<JsonObject> {
  const path = `/departments/${slug}/drift`;
  const { asked_at: askedAt } = await client.send("POST", path);
  return until("a worker has looked for drift", async () => {
    const report = await client.get(path);
    const { checked_at: checkedAt } = report;
    return checkedAt !== null && String(checkedAt) >= String(askedAt) ? report : undefined;
  });
}
