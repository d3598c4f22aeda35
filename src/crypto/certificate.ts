import { FlattenedSign, flattenedVerify } from "jose";
import type { JsonObject } from "../json.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { SigningKey } from "./signing-key.ts";

export interface SignedDocument {
  document: JsonObject;
  /** Detached JWS (RFC 7515 appendix F): `<header>..<signature>` over the canonical JSON of the document. */
  signature: string;
  kid: string;
}

export async function signDocument(key: SigningKey, document: JsonObject): Promise<SignedDocument> {
  const payload = new TextEncoder().encode(canonicalJson(document));
  const header = { alg: "EdDSA", kid: key.kid, typ: "federation-certificate+jws" };
  const jws = await new FlattenedSign(payload).setProtectedHeader(header).sign(key.key);
  return { document, signature: `${jws.protected}..${jws.signature}`, kid: key.kid };
}

/** True when the signature is of this document and this key. */
export async function verifyDocument(
  key: CryptoKey,
  { document, signature }: SignedDocument,
): Promise<boolean> {
  const [header = "", empty, value = ""] = signature.split(".");
  if (empty !== "") return false;
  const payload = Buffer.from(canonicalJson(document), "utf8").toString("base64url");
  return flattenedVerify({ protected: header, payload, signature: value }, key, {
    algorithms: ["EdDSA"],
  }).then(
    () => true,
    () => false,
  );
}
