import { environmentKeyProvider } from "../crypto/kek.ts";
import { createVault } from "../crypto/vault.ts";
import { FederationError } from "../errors.ts";
import { attempt } from "./attempt.ts";
import type { Diagnosis, PatientWithDatabase } from "./diagnosis.ts";

/** Whether the KEK at hand is the one that the database's keys are wrapped with, in this environment. */
export function checkKeys({ pools: { app }, config }: PatientWithDatabase): Promise<Diagnosis[]> {
  const { kek, kekPrevious, environment } = config;
  const remedy =
    "Set the FEDERATION_KEK and the FEDERATION_ENV that `fed init` ran with; nothing else opens the keys.";
  return attempt("keys", remedy, async () => {
    if (!kek) throw new FederationError("bad_configuration", "FEDERATION_KEK is not set");
    const provider = environmentKeyProvider({ current: kek, previous: kekPrevious });
    await createVault({ sql: app, provider, environment });
    return [];
  });
}
