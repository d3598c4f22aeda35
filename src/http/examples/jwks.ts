/** A set with the public key of RFC 8037, appendix A.2. */
export const jwks = {
  keys: [
    {
      kty: "OKP",
      crv: "Ed25519",
      x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
      kid: "k1",
      alg: "EdDSA",
      use: "sig",
    },
  ],
};
