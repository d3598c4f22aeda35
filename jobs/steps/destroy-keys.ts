import { done } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";
import { encryptionKey } from "./encryption-key.ts";

/** Crypto-shred: without its wrapped keys nothing sealed for the department opens again, in backups neither. */
export const destroyKeys: JobStep = {
  async run(ctx) {
    await encryptionKey.undo?.(ctx);
    return done();
  },
};
