/** In the order in which they may be sent: messages and tool calls belong to a session. */
export const recordKinds = ["sessions", "messages", "tool-calls"] as const;
export type RecordKind = (typeof recordKinds)[number];
export type Batch = [id: string, record: object][];

export interface RecordQueue {
  /** Takes the place of an older state of the same id. False when another one was lost for it. */
  add(kind: RecordKind, id: string, record: object): boolean;
  /** The oldest; they stay until they are settled. */
  oldest(kind: RecordKind, max: number): Batch;
  /** Sent, or given up; a newer state that came meanwhile stays. */
  settle(kind: RecordKind, batch: Batch): void;
  isEmpty(): boolean;
}

/** What waits for the platform, never more than `waitingMax` of one kind: the oldest are lost. */
export function createRecordQueue(waitingMax: number): RecordQueue {
  const waiting: Record<RecordKind, Map<string, object>> = {
    sessions: new Map(),
    messages: new Map(),
    "tool-calls": new Map(),
  };
  return {
    add(kind, id, record) {
      const queue = waiting[kind];
      queue.set(id, record);
      const [oldest] = queue.keys();
      if (queue.size <= waitingMax || oldest === undefined) return true;
      queue.delete(oldest);
      return false;
    },
    oldest: (kind, max) => [...waiting[kind]].slice(0, max),
    settle(kind, batch) {
      for (const [id, record] of batch) {
        if (waiting[kind].get(id) === record) waiting[kind].delete(id);
      }
    },
    isEmpty: () => recordKinds.every((kind) => waiting[kind].size === 0),
  };
}
