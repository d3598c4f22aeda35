import { setTimeout as sleep } from "node:timers/promises";
import type { WriteLog } from "../log.ts";
import type { Platform } from "../platform.ts";
import { problemOf } from "../problem.ts";
import { type Batch, createRecordQueue, type RecordKind, recordKinds } from "./record-queue.ts";
import type { MessageRecord, SessionRecord, ToolCallRecord } from "./records.ts";

/** Takes records at once and sends them later, in batches; a platform that is away costs records, never the talk. */
export interface Recorder {
  session(record: SessionRecord): void;
  message(record: MessageRecord): void;
  toolCall(record: ToolCallRecord): void;
  /** Sends what waits, trying again for at most `seconds`. */
  flush(seconds: number): Promise<void>;
}

export interface RecorderOptions {
  departmentId: string;
  platform: Platform;
  log: WriteLog;
  /** Between a record and its batch. */
  gatherSeconds?: number;
  backoffSeconds?: number;
  batchMax?: number;
  /** Of one kind; beyond it the oldest are lost. */
  waitingMax?: number;
}

const backoffSecondsMax = 30;
/** The platform will never take such a body. */
const hopeless = new Set([400, 413, 422]);

export function createRecorder(options: RecorderOptions): Recorder {
  const { departmentId, platform, log } = options;
  const { gatherSeconds = 1, backoffSeconds = 0.5, batchMax = 50, waitingMax = 1000 } = options;
  const queue = createRecordQueue(waitingMax);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending: Promise<boolean> | undefined;
  let failures = 0;

  const pauseSeconds = () => Math.min(backoffSecondsMax, backoffSeconds * 2 ** (failures - 1));

  function add(kind: RecordKind, id: string, record: object) {
    if (!queue.add(kind, id, record)) log("warn", "record lost", { kind, code: "too_many_waiting" });
    sendSoon(gatherSeconds);
  }

  function sendSoon(seconds: number) {
    timer ??= setTimeout(() => {
      timer = undefined;
      void send();
    }, seconds * 1000).unref();
  }

  function send(): Promise<boolean> {
    sending ??= sendAll().finally(() => (sending = undefined));
    return sending;
  }

  /** Whether everything is with the platform, or given up. */
  async function sendAll(): Promise<boolean> {
    try {
      for (const kind of recordKinds) {
        for (let next = queue.oldest(kind, batchMax); next.length > 0; next = queue.oldest(kind, batchMax)) {
          await put(kind, next);
        }
      }
      failures = 0;
      return true;
    } catch (error) {
      failures++;
      log("warn", "records wait", { code: problemOf(error).code, failures });
      sendSoon(pauseSeconds());
      return false;
    }
  }

  async function put(kind: RecordKind, batch: Batch): Promise<void> {
    const items = batch.map(([, record]) => record);
    const path = `/departments/${departmentId}/${kind}`;
    try {
      await platform.call({ method: "PUT", path, body: { items }, timeoutSeconds: 5 });
    } catch (error) {
      const problem = problemOf(error);
      if (!hopeless.has(problem.status)) throw problem;
      if (batch.length > 1) {
        for (const one of batch) await put(kind, [one]);
        return;
      }
      log("warn", "record lost", { kind, code: problem.code });
    }
    queue.settle(kind, batch);
  }

  return {
    session: (record) => add("sessions", record.id, record),
    message: (record) => add("messages", record.id, record),
    toolCall: (record) => add("tool-calls", record.call_id, record),
    async flush(seconds) {
      const endsAtMs = performance.now() + seconds * 1000;
      const late = sleep(seconds * 1000, undefined, { ref: false });
      while (!queue.isEmpty() && performance.now() < endsAtMs) {
        const sent = await Promise.race([send(), late]);
        const leftMs = Math.max(0, endsAtMs - performance.now());
        if (sent === false) await sleep(Math.min(pauseSeconds() * 1000, leftMs));
      }
      if (queue.isEmpty()) clearTimeout(timer);
      else log("warn", "records lost", { code: "no_time_left" });
    },
  };
}
