import type { Queue } from "pg-boss";

/** Every queue of the product; payloads hold ids only. `migrate` creates and updates them. */
export const QUEUES = [
  // Wakes a worker for a run ({ run_id }). The sweep finds runs whose wake-up was lost: few retries are enough.
  {
    name: "run",
    options: {
      notify: true,
      retryLimit: 3,
      retryDelay: 1,
      expireInSeconds: 60,
      retentionSeconds: 86_400,
      deleteAfterSeconds: 3_600,
    },
  },
  // Wakes a worker for a rotation of keys ({ rotation_id }); the schedule finds those whose worker was killed.
  {
    name: "rotate-keys",
    options: { notify: true, retryLimit: 0, expireInSeconds: 900, deleteAfterSeconds: 3_600 },
  },
  {
    name: "rotate-signing-key",
    options: { retryLimit: 2, expireInSeconds: 300, deleteAfterSeconds: 86_400 },
  },
  { name: "retry-orphans", options: { retryLimit: 0, expireInSeconds: 300, deleteAfterSeconds: 86_400 } },
  { name: "check-drift", options: { retryLimit: 0, expireInSeconds: 3000, deleteAfterSeconds: 86_400 } },
  // Wakes a worker to look at one department ({ department_id }); who asked asks again when nothing comes of it.
  {
    name: "look-for-drift",
    options: { notify: true, retryLimit: 1, expireInSeconds: 300, deleteAfterSeconds: 3_600 },
  },
  { name: "evaluate-alerts", options: { retryLimit: 0, expireInSeconds: 60, deleteAfterSeconds: 3_600 } },
  { name: "sweep-strays", options: { retryLimit: 0, expireInSeconds: 300, deleteAfterSeconds: 86_400 } },
  {
    name: "refresh-credentials",
    options: { retryLimit: 0, expireInSeconds: 120, deleteAfterSeconds: 3_600 },
  },
  {
    name: "tend-oauth-clients",
    options: { retryLimit: 2, expireInSeconds: 900, deleteAfterSeconds: 86_400 },
  },
  { name: "verify-audit", options: { retryLimit: 2, expireInSeconds: 10_800, deleteAfterSeconds: 86_400 } },
  { name: "retain-audit", options: { retryLimit: 2, expireInSeconds: 3600, deleteAfterSeconds: 86_400 } },
  { name: "keep-house", options: { retryLimit: 2, expireInSeconds: 300, deleteAfterSeconds: 86_400 } },
  {
    name: "apply-retention",
    options: { retryLimit: 1, expireInSeconds: 10_800, deleteAfterSeconds: 604_800 },
  },
  { name: "collect-usage", options: { retryLimit: 1, expireInSeconds: 10_800, deleteAfterSeconds: 604_800 } },
  { name: "lapse-grants", options: { retryLimit: 2, expireInSeconds: 300, deleteAfterSeconds: 86_400 } },
  { name: "purge-webhooks", options: { retryLimit: 2, expireInSeconds: 300, deleteAfterSeconds: 86_400 } },
] as const satisfies readonly { name: string; options: Omit<Queue, "name"> }[];

export type QueueName = (typeof QUEUES)[number]["name"];
