// A certificate made on the spot, in DER by hand: no file with a private key, no openssl on the machine.
import { generateKeyPairSync, sign } from "node:crypto";

/** A self-signed certificate for this DNS name, and its key, both PEM. */
export function selfSigned(name: string): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(oid("2a8648ce3d040302"));
  const subject = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(name)))));
  const altNames = sequence(der(0x82, Buffer.from(name)));
  const extension = sequence(oid("551d11"), der(0x04, altNames));
  const year = new Date().getUTCFullYear() % 100;
  const validity = sequence(time(year - 1), time(year + 1));
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    subject,
    validity,
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extension)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", toSign, privateKey)]));
  const body = sequence(toSign, algorithm, signature).toString("base64").replaceAll(/.{64}/g, "$&\n");
  const cert = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  return { cert, key: String(privateKey.export({ type: "pkcs8", format: "pem" })) };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const time = (year: number) => der(0x17, Buffer.from(`${String(year).padStart(2, "0")}0101000000Z`));
