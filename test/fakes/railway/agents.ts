import { type Deployment, isServing, type Step, stepOf } from "./deployment.ts";
import { stepsOnceLive } from "./plan-steps.ts";
import type { Railway } from "./railway.ts";
import { placeOf } from "./world.ts";

export type Agents = ReturnType<typeof createAgents>;

/** Servers on loopback behind services, that answer as Railway's edge would: ready only while a deployment serves. */
export function createAgents(railway: () => Railway) {
  const servers = new Map<string, Bun.Server<undefined>>();

  function answer(place: string, req: Request): Response {
    const deployment = latestAt(railway(), place, isServing);
    if (!deployment)
      return latestAt(railway(), place, (_, { status }) => status === "CRASHED")
        ? unavailable(502, "Application failed to respond")
        : unavailable(404, "Application not found");
    wake(railway(), place, deployment);
    const { pathname } = new URL(req.url);
    if (pathname === "/health") return Response.json({ status: "ready" });
    return new Response("Not Found", { status: 404 });
  }

  return {
    /** Starts it if need be. */
    urlOf(serviceId: string, environmentId: string): string {
      const place = placeOf(serviceId, environmentId);
      const server =
        servers.get(place) ??
        Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (req) => answer(place, req) });
      servers.set(place, server);
      return `http://127.0.0.1:${server.port}`;
    },
    async close(): Promise<void> {
      await Promise.all([...servers.values()].map((server) => server.stop(true)));
    },
  };
}

function latestAt(
  { world, now }: Railway,
  place: string,
  is: (deployment: Deployment, step: Step) => boolean,
): Deployment | undefined {
  const deployments = world.instances.get(place)?.deployments ?? [];
  return deployments.findLast((one) => is(one, stepOf(one, deployments, now())));
}

/** A request to an application that may sleep keeps it awake. */
function wake({ world, now, msOf }: Railway, place: string, deployment: Deployment): void {
  const settings = world.instances.get(place)?.settings ?? {};
  if (!settings.sleepApplication) return;
  const past = deployment.steps.filter(({ at }) => at <= now());
  deployment.steps = [...past, ...stepsOnceLive("", settings, now(), msOf)];
}

const unavailable = (code: number, message: string) =>
  Response.json({ status: "error", code, message }, { status: code });
