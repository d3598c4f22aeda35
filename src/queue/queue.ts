import { type ConstructorOptions, type Db, PgBoss } from "pg-boss";
import type { Tx } from "../db/tx.ts";
import type { QueueName } from "./queues.ts";

/** Sends a job inside the caller's transaction: it exists if and only if the transaction commits. Ids only, no data. */
export interface Queue {
  send(tx: Tx, name: QueueName, payload: Record<string, string>): Promise<void>;
  /** Lets a failed job run once more, inside the caller's transaction. */
  retry(tx: Tx, name: QueueName, id: string): Promise<void>;
  close(): Promise<void>;
}

export interface BossOptions {
  url: string;
  role: string;
  onError(error: unknown): void;
}

const common = { migrate: false, createSchema: false } as const;

/** The web process's side: sends only (and notifies, as the queues say), no listening, no maintenance, no schedule. */
export async function openQueue({ url, role, onError }: BossOptions): Promise<Queue> {
  const options = {
    connectionString: url,
    options: `-c role=${role}`,
    max: 2,
    useListenNotify: false,
    supervise: false,
    schedule: false,
  };
  const boss = await startBoss(options, onError);
  return {
    async send(tx, name, payload) {
      await boss.send(name, payload, { db: inTransaction(tx) });
    },
    async retry(tx, name, id) {
      await boss.retry(name, id, { db: inTransaction(tx) });
    },
    close: () => boss.stop({ graceful: false }),
  };
}

/** The worker's side: consumes, keeps the schedules, supervises. */
export async function openBoss({ url, role, onError }: BossOptions): Promise<PgBoss> {
  const options = {
    connectionString: url,
    options: `-c role=${role}`,
    max: 4,
    useListenNotify: true,
    superviseIntervalSeconds: 30,
  };
  return startBoss(options, onError);
}

async function startBoss(options: ConstructorOptions, onError: BossOptions["onError"]): Promise<PgBoss> {
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
