import type { HostCall } from "../host.ts";
import { ask, callOf, notSeenYet } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { serviceName } from "./ensure-service.ts";
import { type ServicedPlace, writePlace } from "./places.ts";
import { agentPort } from "./revision.ts";
import { sendOnce } from "./send-once.ts";

/** Where the agent answers: its one public domain, or its name on the project's private network. */
export async function ensureDomain(
  ctx: RailwayContext,
  place: ServicedPlace,
  call: HostCall,
): Promise<string> {
  if (ctx.domains === "none") return `http://${serviceName}.railway.internal:${agentPort}`;
  return ctx.urlOf(place.domain ?? (await findOrCreate(ctx, place, call)));
}

async function findOrCreate(ctx: RailwayContext, place: ServicedPlace, call: HostCall): Promise<string> {
  const [found] = await ask(ctx, place, call, (railway) => ctx.client.listDomains(place, railway));
  if (found) return await record(ctx, place, found.domain, call);
  if (place.domainAge !== null && place.domainAge < ctx.pace.lagSeconds) throw notSeenYet(ctx);
  const { place: sent, answer } = await sendOnce({
    note: () => writePlace(ctx, place, call, (tx) => tx`domain_sent_at = clock_timestamp()`),
    send: () => ctx.client.createDomain(place, agentPort, callOf(place, call.signal)),
    unnote: (noted) => writePlace(ctx, noted, call, (tx) => tx`domain_sent_at = null`),
    renew: (noted) => writePlace(ctx, noted, call, (tx) => tx`domain_sent_at = clock_timestamp()`),
  });
  return await record(ctx, sent, answer.domain, call);
}

async function record(ctx: RailwayContext, place: ServicedPlace, domain: string, call: HostCall) {
  await writePlace(ctx, place, call, (tx) => tx`domain = ${domain}`);
  return domain;
}
