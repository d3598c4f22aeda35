// A Railway that is small and fast, and clients of it whose budgets are in Postgres.
import postgres from "postgres";
import { type CallBudgets, createCallBudgets } from "../../../src/call-budgets/call-budgets.ts";
import { Secret } from "../../../src/crypto/secret.ts";
import {
  createRailwayClient,
  type RailwayClientOptions,
} from "../../../src/providers/railway/create-railway-client.ts";
import { type RailwayPace, railwayPace } from "../../../src/providers/railway/pace.ts";
import type { RailwayCall, RailwayClient } from "../../../src/providers/railway/railway.ts";
import { RailwayError } from "../../../src/providers/railway/railway-error.ts";
import type { FakeRailwayOptions } from "../../fakes/railway/settings.ts";
import { type FakeRailway, startFakeRailway } from "../../fakes/railway/start-fake-railway.ts";
import { testDatabase } from "../../helpers/postgres.ts";

export const scale = 50;

/** Railway's own pace, `times` as fast. */
export function fastPace(more: Partial<RailwayPace> = {}, times = scale): RailwayPace {
  const { hourSeconds, secondSeconds, createEverySeconds, lagSeconds, pollSeconds, deploySecondsMax } =
    railwayPace;
  const spans = { hourSeconds, secondSeconds, createEverySeconds, lagSeconds, pollSeconds, deploySecondsMax };
  const fast = Object.fromEntries(Object.entries(spans).map(([name, value]) => [name, value / times]));
  return { ...railwayPace, ...fast, timeoutSeconds: 10, ...more };
}

const late = { lateSeconds: 5 };

export interface RailwayWorld {
  fake: FakeRailway;
  sql: postgres.Sql;
  /** Of two workers, each with connections of its own to the same ones. */
  budgets: CallBudgets;
  otherBudgets: CallBudgets;
  /** Of the first workspace. */
  workspaceId: string;
  connect(more?: Partial<Omit<RailwayClientOptions, "tokens">> & { tokens?: string[] }): RailwayClient;
  close(): Promise<void>;
}

export async function railwayWorld(options: FakeRailwayOptions = {}): Promise<RailwayWorld> {
  const database = await testDatabase();
  const fake = await startFakeRailway({ scale, lagSeconds: [0, 0], ...options });
  const open = () => postgres(database.appUrl, { max: 4, connection: { role: "federation_app" } });
  const [sql, other] = [open(), open()];
  const [budgets, otherBudgets] = [createCallBudgets(sql, late), createCallBudgets(other, late)];
  return {
    fake,
    sql,
    budgets,
    otherBudgets,
    workspaceId: fake.controls.workspaces[0]?.id ?? "",
    connect: ({ tokens = [fake.controls.accountToken], ...more } = {}) =>
      createRailwayClient({
        endpoint: fake.url,
        tokens: tokens.map((token) => new Secret(token)),
        workspaces: [],
        budgets,
        pace: fastPace(),
        ...more,
      }),
    async close() {
      await fake.close();
      await Promise.all([sql.end(), other.end()]);
      await database.close();
    },
  };
}

export const callOf = (holder = "department", more: Partial<RailwayCall> = {}): RailwayCall => ({
  holder,
  signal: new AbortController().signal,
  ...more,
});

/** How it failed; fails where it did not. */
export async function errorOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It did not fail.");
}

export async function kindOf(work: Promise<unknown>): Promise<string> {
  const error = await errorOf(work);
  return error instanceof RailwayError ? error.kind : `${error.name} ${error.message}`;
}
