import { expect } from "bun:test";
import { z } from "zod";
import { type Installation, until } from "../helpers/installation.ts";
import type { TestRun } from "./department.ts";

const health = z.object({ checks: z.object({ agent: z.object({ status: z.string() }) }) });
const shown = z.object({ deployment_url: z.string() });
const report = z.object({ status: z.string() });

const pauseMs = 10;

/** What callers saw: every answer, and the hosts they were led to. */
export interface Seen {
  health: string[];
  agent: string[];
  hosts: Set<string>;
}

/**
 * Asks the department's health, and its agent itself at the address it has now, all the time while `fn` does something;
 * `more` resolves when all have had some more answers. `proxy` finds containers.
 */
export async function whileCalled(
  at: Installation,
  { slug }: TestRun,
  proxy: string,
  fn: (more: () => Promise<void>) => Promise<void>,
): Promise<Seen> {
  const seen: Seen = { health: [], agent: [], hosts: new Set() };
  let stopped = false;
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
    while (!stopped) await ask().then(() => Bun.sleep(pauseMs));
  };
  const more = async () => {
    const [healths, agents] = [seen.health.length + 5, seen.agent.length + 5];
    const isMore = () => seen.health.length > healths && seen.agent.length > agents;
    await until("callers go on", () => Promise.resolve(isMore()));
  };
  const callers = Promise.all([askHealth, askHealth, askAgent, askAgent].map(again));
  const done = fn(more).finally(() => (stopped = true));
  await Promise.all([done, callers]);
  return seen;
}

/** Every single answer was good, and callers were led to both hosts. */
export function expectAlwaysReady({ health, agent, hosts }: Seen): void {
  expect([...hosts].toSorted()).toEqual(["docker", "local"]);
  expect([...new Set(health)]).toEqual(["ready"]);
  expect([...new Set(agent)]).toEqual(["ready"]);
}
