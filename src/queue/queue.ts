import { type Db, PgBoss } from "pg-boss";
import type { Tx } from "../db/tx.ts";
import type { QueueName } from "./queues.ts";

/** Sends a job inside the caller's transaction: it exists if and only if the transaction commits. Ids only, no data. */
export interface Queue {
  send(tx: Tx, name: QueueName, payload: Record<string, string>): Promise<void>;
  close(): Promise<void>;
}

export interface BossOptions {
  url: string;
  role: string;
  onError(error: unknown): void;
}

const common = { migrate: false, createSchema: false, useListenNotify: true } as const;

/** The web process's side: sends only, no maintenance, no schedule. */
export async function openQueue({ url, role, onError }: BossOptions): Promise<Queue> {
  const options = {
    connectionString: url,
    options: `-c role=${role}`,
    max: 2,
    supervise: false,
    schedule: false,
  };
  const boss = new PgBoss({ ...common, ...options });
  boss.on("error", onError);
  await boss.start();
  return {
    async send(tx, name, payload) {
      await boss.send(name, payload, { db: inTransaction(tx) });
    },
    close: () => boss.stop({ graceful: false }),
  };
}

/** The worker's side: consumes, keeps the schedules, supervises. */
export async function openBoss({ url, role, onError }: BossOptions): Promise<PgBoss> {
  const options = { connectionString: url, options: `-c role=${role}`, max: 4, superviseIntervalSeconds: 30 };
  const boss = new PgBoss({ ...common, ...options });
  boss.on("error", onError);
  await boss.start();
  return boss;
}

/** pg-boss binds JSON as text; postgres.js would otherwise encode the text once more. */
function inTransaction(tx: Tx): Db {
  return {
    async executeSql(text, values = []) {
      const rows = await tx.unsafe(text, values as never[]);
      return { rows: [...rows] };
    },
  };
}
