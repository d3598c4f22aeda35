import { decodeProtectedHeader, FlattenedSign, flattenedVerify } from "jose";
import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { canonicalJson } from "./canonical-json.ts";
import { fromBase64url } from "./encoding.ts";
import { kidShape, type SigningKey } from "./signing-key.ts";

export interface SignedDocument {
  document: JsonObject;
  /** Detached JWS (RFC 7515 appendix F): `<header>..<signature>` over the canonical JSON of the document. */
  signature: string;
  kid: string;
}

const typ = "federation-certificate+jws";
const certificateHeader = z.strictObject({
  alg: z.literal("EdDSA"),
  kid: z.string().regex(kidShape),
  typ: z.literal(typ),
});

export async function signDocument(key: SigningKey, document: JsonObject): Promise<SignedDocument> {
  const payload = new TextEncoder().encode(canonicalJson(document));
  const header = { alg: "EdDSA", kid: key.kid, typ };
  const jws = await new FlattenedSign(payload).setProtectedHeader(header).sign(key.key);
  return { document, signature: `${jws.protected}..${jws.signature}`, kid: key.kid };
}

/** True when the signature is a certificate's, of this document and this key, in its one spelling. */
export async function verifyDocument(
  key: CryptoKey,
  { document, signature, kid }: SignedDocument,
): Promise<boolean> {
  const [header = "", empty, value = "", ...rest] = signature.split(".");
  const canonical = [header, value].every((part) => part !== "" && fromBase64url(part) !== undefined);
  if (empty !== "" || rest.length > 0 || !canonical || kidOf(header) !== kid) return false;
  const payload = Buffer.from(canonicalJson(document), "utf8").toString("base64url");
  return flattenedVerify({ protected: header, payload, signature: value }, key, {
    algorithms: ["EdDSA"],
  }).then(
    () => true,
    () => false,
  );
}

/** The header's key; undefined when it is not exactly the header of a certificate. */
function kidOf(header: string): string | undefined {
  try {
    return certificateHeader.parse(decodeProtectedHeader({ protected: header })).kid;
  } catch {
    return undefined;
  }
}
