/**
 * Carries rotations on until none is due: claims one, does it batch by batch, each batch one transaction with the
 * progress it makes. A worker that is killed loses at most a batch; whoever sees its lease expire goes on from there.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Vault } from "../crypto/vault.ts";
import { type Sql, withTx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import { rotateSigningKey } from "../tokens/rotate-signing-key.ts";
import { claimRotation, type Holder, nextClaimMs } from "./claim-rotation.ts";
import { holdRotation } from "./hold-rotation.ts";
import { resealValues } from "./reseal-values.ts";
import { rewrapKeys } from "./rewrap-keys.ts";
import { rotateGatewaySeal } from "./rotate-gateway-seal.ts";
import type { Outcome, Rotation } from "./rotation.ts";

export interface RotationMeans {
  db: { app: Sql; provisioner: Sql };
  vault: Vault;
}

export interface WorkOptions {
  batchSize?: number;
  leaseSeconds?: number;
  /** How many rotations at the same time. */
  lanes?: number;
  /** What is due within so long is waited for; later than that, the next sweep does it. */
  waitSecondsMax?: number;
}

/** Another lane's rotation may end, and its wait with it. */
const lookAgainMs = 300;

/** Answers how many rotations came to an end. Stops after the batch at hand when `signal` says so. */
export async function workRotations(
  means: RotationMeans,
  signal: AbortSignal,
  options: WorkOptions = {},
): Promise<number> {
  const { batchSize = 500, leaseSeconds = 10, lanes = 3, waitSecondsMax = 15 } = options;
  const holder = { leaseSeconds, kekId: means.vault.rotation.kekId };
  const lane = async () => {
    const own = { ...holder, owner: Bun.randomUUIDv7() };
    let ended = 0;
    while (!signal.aborted) {
      const rotation = await claimRotation(means.db.app, own);
      if (rotation) {
        ended += (await carry(means, own, rotation, batchSize, signal)) ? 1 : 0;
        continue;
      }
      const ms = await nextClaimMs(means.db.app, own);
      if (ms === undefined || ms > waitSecondsMax * 1000) break;
      await sleep(Math.min(Math.max(ms, 20), lookAgainMs), undefined, { signal }).catch(() => {});
    }
    return ended;
  };
  const ended = await Promise.all(Array.from({ length: lanes }, lane));
  return ended.reduce((sum, count) => sum + count, 0);
}

/** True when it came to its end here. */
async function carry(
  means: RotationMeans,
  holder: Holder,
  rotation: Rotation,
  batchSize: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { app, provisioner } = means.db;
  const values = { sql: app, vault: means.vault, batchSize };
  const doBatch: Record<Rotation["kind"], () => Promise<Outcome>> = {
    data: () => resealValues(values, holder, rotation),
    kek: () => rewrapKeys(values, holder, rotation),
    gateway_seal: () => rotateGatewaySeal({ provisioner, vault: means.vault }, holder, rotation),
    signing: () => rotateSigningKey(app, holder, rotation),
  };
  try {
    let outcome: Outcome;
    do outcome = await doBatch[rotation.kind]();
    while (outcome === "more" && !signal.aborted);
    if (outcome === "more") await withTx(app, (tx) => holdRotation(tx, holder, rotation).wait(0));
    return outcome === "done";
  } catch (error) {
    if (!(error instanceof FederationError)) throw error;
    if (error.code === "lease_lost") return false;
    if (!hopeless.has(error.code)) throw error;
    await withTx(app, (tx) => holdRotation(tx, holder, rotation).fail(error.code));
    return true;
  }
}

/** Nothing that a second try would change. */
const hopeless = new Set(["vault_key_destroyed", "vault_open_failed", "kek_unknown", "not_initialised"]);
