import { setTimeout as sleep } from "node:timers/promises";
import type { WriteLog } from "../log.ts";
import type { Platform } from "../platform.ts";
import { problemOf } from "../problem.ts";
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

/** In the order in which they may be sent: messages and tool calls belong to a session. */
const kinds = ["sessions", "messages", "tool-calls"] as const;
type Kind = (typeof kinds)[number];
type Batch = [id: string, record: object][];

const backoffSecondsMax = 30;
/** The platform will never take such a body. */
const hopeless = new Set([400, 413, 422]);

export function createRecorder(options: RecorderOptions): Recorder {
  const { departmentId, platform, log } = options;
  const { gatherSeconds = 1, backoffSeconds = 0.5, batchMax = 50, waitingMax = 1000 } = options;
  const waiting: Record<Kind, Map<string, object>> = {
    sessions: new Map(),
    messages: new Map(),
    "tool-calls": new Map(),
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending: Promise<boolean> | undefined;
  let failures = 0;

  const isEmpty = () => kinds.every((kind) => waiting[kind].size === 0);
  const pauseSeconds = () => Math.min(backoffSecondsMax, backoffSeconds * 2 ** (failures - 1));

  function add(kind: Kind, id: string, record: object) {
    const queue = waiting[kind];
    queue.set(id, record);
    const [oldest] = queue.keys();
    if (queue.size > waitingMax && oldest !== undefined) {
      queue.delete(oldest);
      log("warn", "record lost", { kind, code: "too_many_waiting" });
    }
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
      for (const kind of kinds) {
        while (waiting[kind].size > 0) await put(kind, [...waiting[kind]].slice(0, batchMax));
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

  async function put(kind: Kind, batch: Batch): Promise<void> {
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
    for (const [id, record] of batch) {
      // A newer state of it may have come meanwhile.
      if (waiting[kind].get(id) === record) waiting[kind].delete(id);
    }
  }

  return {
    session: (record) => add("sessions", record.id, record),
    message: (record) => add("messages", record.id, record),
    toolCall: (record) => add("tool-calls", record.call_id, record),
    async flush(seconds) {
      const endsAtMs = performance.now() + seconds * 1000;
      const late = sleep(seconds * 1000, undefined, { ref: false });
      while (!isEmpty() && performance.now() < endsAtMs) {
        const sent = await Promise.race([send(), late]);
        if (sent === false) await Promise.race([sleep(pauseSeconds() * 1000), late]);
      }
      if (isEmpty()) clearTimeout(timer);
      else log("warn", "records lost", { code: "no_time_left" });
    },
  };
}
