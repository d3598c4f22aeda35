import { probeWeb } from "../client/probe-web.ts";
import type { Diagnosis, Patient } from "./diagnosis.ts";
import { skewSecondsMax } from "./skew.ts";

/** Whether web answers at its public address, is ready, and has the time that this machine has. */
export async function checkWeb({ config }: Patient): Promise<Diagnosis[]> {
  const url = config.apiUrl ?? config.publicUrl;
  const seen = await probeWeb(url);
  if (!seen)
    return [
      {
        level: "warning",
        what: `web does not answer at ${url}`,
        remedy: "Start it; PUBLIC_URL has to be the address that agents, n8n and browsers reach it by.",
      },
    ];
  const found: Diagnosis[] = [];
  if (seen.status !== 200)
    found.push({
      level: "error",
      what: `web at ${url} is not ready: it answers ${seen.status}`,
      remedy: "Its log, and `fed doctor --process web` with its environment, say why.",
    });
  if (Math.abs(seen.skewSeconds ?? 0) > skewSecondsMax)
    found.push({
      level: "warning",
      what: `the clocks of web and of this process differ by ${Math.abs(seen.skewSeconds ?? 0).toFixed(0)} s`,
      remedy: "Run NTP on both machines: tokens and seals end by the clock.",
    });
  return found.length > 0 ? found : [{ level: "ok", what: `web is ready at ${url}` }];
}
