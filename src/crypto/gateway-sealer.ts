import type { Sql } from "../db/tx.ts";
import { type CallToSeal, createSealer, type Sealer } from "./call-seal.ts";
import { type KeyMeans, platformKey, sealPurpose } from "./data-keys.ts";

export interface GatewaySealer {
  /** Seals that the database checks; good for ten seconds. */
  sealOwnContext(departmentId: string): Promise<string>;
  sealCall(call: Omit<CallToSeal, "expiresUs">): Promise<{ expiresUs: bigint; seal: Buffer }>;
}

const sealSeconds = 10;
/** A new sealing key is in use everywhere within 30 s; the database takes the old one's seals far longer. */
const freshMs = 25_000;

/** Seals with the active gateway key, looked up again when what is known is older than 25 s. */
export async function createGatewaySealer(sql: Sql, means: KeyMeans): Promise<GatewaySealer> {
  const read = async () => createSealer((await platformKey(sql, means, sealPurpose)).bytes);
  let sealer: Promise<Sealer> = Promise.resolve(await read());
  let readAtMs = performance.now();
  const current = (): Promise<Sealer> => {
    if (performance.now() - readAtMs < freshMs) return sealer;
    const before = { sealer, readAtMs };
    readAtMs = performance.now();
    sealer = read();
    sealer.catch(() => ({ sealer, readAtMs } = before));
    return sealer;
  };
  return {
    sealOwnContext: async (departmentId) => (await current()).sealOwn(departmentId, inSeconds(sealSeconds)),
    async sealCall(call) {
      const expiresUs = inSeconds(sealSeconds);
      return { expiresUs, seal: (await current()).sealCall({ ...call, expiresUs }) };
    },
  };
}

const inSeconds = (seconds: number) => BigInt(Date.now() + seconds * 1000) * 1000n;
