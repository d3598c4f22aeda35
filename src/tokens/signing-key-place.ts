/** Where the private half of a signing key is sealed. */
export const signingKeyPlace = (kid: string) => ({
  table: "signing_key",
  column: "private_sealed",
  rowId: kid,
});
