import { z } from "zod";
import { type Installation, until } from "../helpers/installation.ts";
import type { TestRun } from "./department.ts";

const health = z.object({ checks: z.object({ agent: z.object({ status: z.string() }) }) });
const shown = z.object({ deployment_url: z.string() });
const report = z.object({ status: z.string() });

/** Asks the department's health, and its agent itself at the address it has now, all the time until `stop`; `proxy` finds containers. */
export function callAllTheTime(at: Installation, { slug }: TestRun, proxy: string) {
  let stopped = false;
  const seen = { health: [] as string[], agent: [] as string[], hosts: new Set<string>() };
  const askHealth = async () => {
    const answer = health.parse(await at.client.get(`/departments/${slug}/health`));
    seen.health.push(answer.checks.agent.status);
  };
  const askAgent = async () => {
    const { deployment_url: url } = shown.parse(await at.client.get(`/departments/${slug}`));
    const isLocal = url.startsWith("http://127.0.0.1:");
    seen.hosts.add(isLocal ? "local" : "docker");
    const answer = await fetch(`${url}/health`, isLocal ? {} : { proxy }).catch(String);
    const said = typeof answer === "string" ? answer : answer.ok && (await answer.json());
    seen.agent.push(report.safeParse(said).data?.status ?? JSON.stringify(said));
  };
  const again = async (ask: () => Promise<void>) => {
    while (!stopped) await ask();
  };
  const callers = Promise.all([askHealth, askHealth, askAgent, askAgent].map(again));
  return {
    seen,
    /** Resolves when both callers have had another few answers. */
    async more() {
      const [healths, agents] = [seen.health.length, seen.agent.length];
      await until("callers go on", () =>
        Promise.resolve(seen.health.length > healths + 5 && seen.agent.length > agents + 5),
      );
    },
    async stop() {
      stopped = true;
      await callers;
      return seen;
    },
  };
}
