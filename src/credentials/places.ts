import type { VaultPlace } from "../crypto/vault.ts";

type CredentialColumn = "refresh_sealed" | "access_sealed" | "account_sealed";

/** Where a credential's token lies: under its department's key. */
export const credentialPlace = (departmentId: string, id: string, column: CredentialColumn): VaultPlace => ({
  departmentId,
  table: "credential",
  column,
  rowId: id,
});

/** A client's secret belongs to the platform: the pool outlives its departments. */
export const clientSecretPlace = (id: string): VaultPlace => ({
  table: "oauth_client",
  column: "secret_sealed",
  rowId: id,
});

export const verifierPlace = (consentId: string): VaultPlace => ({
  table: "oauth_consent",
  column: "verifier_sealed",
  rowId: consentId,
});
