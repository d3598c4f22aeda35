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

const certificateType = "federation-certificate+jws";
const documentHeader = z.strictObject({
  alg: z.literal("EdDSA"),
  kid: z.string().regex(kidShape),
  typ: z.string(),
});

/** Signs a certificate, or a document of another type: one is never taken for the other. */
export async function signDocument(
  key: SigningKey,
  document: JsonObject,
  typ = certificateType,
): Promise<SignedDocument> {
  const payload = new TextEncoder().encode(canonicalJson(document));
  const header = { alg: "EdDSA", kid: key.kid, typ };
  const jws = await new FlattenedSign(payload).setProtectedHeader(header).sign(key.key);
  return { document, signature: `${jws.protected}..${jws.signature}`, kid: key.kid };
}

/** True when the signature is of this type, this document and this key, in its one spelling. */
export async function verifyDocument(
  key: CryptoKey,
  { document, signature, kid }: SignedDocument,
  typ = certificateType,
): Promise<boolean> {
  const [header = "", empty, value = "", ...rest] = signature.split(".");
  const canonical = [header, value].every((part) => part !== "" && fromBase64url(part) !== undefined);
  if (empty !== "" || rest.length > 0 || !canonical || kidOf(header, typ) !== kid) return false;
  const payload = Buffer.from(canonicalJson(document), "utf8").toString("base64url");
  return flattenedVerify({ protected: header, payload, signature: value }, key, {
    algorithms: ["EdDSA"],
  }).then(
    () => true,
    () => false,
  );
}

/** The header's key; undefined when it is not exactly the header of a document of this type. */
function kidOf(header: string, typ: string): string | undefined {
  try {
    const parsed = documentHeader.parse(decodeProtectedHeader({ protected: header }));
    return parsed.typ === typ ? parsed.kid : undefined;
  } catch {
    return undefined;
  }
}
