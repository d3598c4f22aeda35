import { randomUUID } from "node:crypto";
import { type Agents, createAgents } from "./agents.ts";
import { type Budgets, createBudgets, type Limit } from "./budgets.ts";
import type { Throttled } from "./cooldowns.ts";
import { createRandom, type Random } from "./create-random.ts";
import { createFaults, type Fault, type Faults } from "./faults.ts";
import { type FakeRailwayOptions, type Settings, settingsOf } from "./settings.ts";
import { createWorld, type World } from "./world.ts";

export interface Counts {
  /** By root field, refused and failed ones included. */
  requests: Record<string, number>;
  throttled: Record<Limit | Throttled, number>;
  faults: Record<Fault["kind"], number>;
  projectsCreated: number;
}

/** Everything behind the endpoint. */
export interface Railway {
  settings: Settings;
  world: World;
  random: Random;
  budgets: Budgets;
  faults: Faults;
  agents: Agents;
  counts: Counts;
  /** When the last creation of a throttled kind happened, by kind and owner. */
  lastCreations: Map<string, number>;
  accountId: string;
  /** Of the account; the workspaces' are in `workspaceTokens`, by the id of theirs. */
  accountToken: string;
  workspaceTokens: Map<string, string>;
  now(): number;
  /** Lets Railway's seconds pass at once. */
  advance(seconds: number): void;
  /** How long Railway's seconds are here. */
  msOf(seconds: number): number;
  /** For something made now. */
  newItem(): { id: string; createdAt: number; updatedAt: number; visibleAt: number };
}

export function createRailway(options: FakeRailwayOptions): Railway {
  const settings = settingsOf(options);
  const world = createWorld();
  const random = createRandom(settings.seed);
  const workspaceTokens = new Map<string, string>();
  const msOf = (seconds: number) => (seconds * 1000) / settings.scale;
  let ahead = 0;
  const now = () => performance.timeOrigin + performance.now() + ahead;
  for (const { id = randomUUID(), name } of options.workspaces ?? [{ name: "workspace" }]) {
    world.workspaces.set(id, { id, name, createdAt: now(), updatedAt: now() });
    workspaceTokens.set(id, randomUUID());
  }
  const railway: Railway = {
    settings,
    world,
    random,
    budgets: createBudgets(settings, now),
    faults: createFaults(settings, random),
    agents: createAgents(() => railway),
    counts: {
      requests: {},
      throttled: { hour: 0, second: 0, edge: 0, projectCreate: 0, environmentCreate: 0, volumeCreate: 0 },
      faults: { "504": 0, drop: 0, error: 0, "429": 0 },
      projectsCreated: 0,
    },
    lastCreations: new Map(),
    accountId: randomUUID(),
    accountToken: randomUUID(),
    workspaceTokens,
    now,
    advance: (seconds) => void (ahead += msOf(seconds)),
    msOf,
    newItem() {
      const createdAt = now();
      const visibleAt = createdAt + msOf(random.between("lag", settings.lagSeconds));
      return { id: randomUUID(), createdAt, updatedAt: createdAt, visibleAt };
    },
  };
  return railway;
}
