import type { Queue } from "pg-boss";

export interface QueueDefinition {
  name: string;
  options: Omit<Queue, "name">;
}

/** Every queue of the product; payloads hold ids only. `migrate` creates and updates them. */
export const QUEUES: readonly QueueDefinition[] = [
  // Wakes a worker for a run ({ run_id }). Lost wake-ups are found by the sweep, so few retries are enough.
  {
    name: "run",
    options: { retryLimit: 3, retryDelay: 1, expireInSeconds: 60, deleteAfterSeconds: 3600, retentionSeconds: 86400, notify: true },
  },
];
