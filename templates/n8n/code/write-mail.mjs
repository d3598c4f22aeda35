export function writeMail(_, nodes) {
  const { to, cc, subject, text } = nodes("Check").args;
  // RFC 2047: words outside ASCII, in pieces that fit the 75 characters of an encoded word.
  const encoded = (words) =>
    /^[\x20-\x7e]*$/.test(words)
      ? words
      : (words.match(/[\s\S]{1,10}/gu) ?? [])
          .map((piece) => `=?UTF-8?B?${Buffer.from(piece, "utf8").toString("base64")}?=`)
          .join("\r\n ");
  const body = Buffer.from(text, "utf8").toString("base64").replaceAll(/.{76}/g, "$&\r\n");
  const message = [
    `To: ${to}`,
    ...(cc === undefined ? [] : [`Cc: ${cc}`]),
    `Subject: ${encoded(subject)}`,
    "MIME-Version: 1.0",
    'Content-Type: text/plain; charset="UTF-8"',
    "Content-Transfer-Encoding: base64",
    "",
    body,
  ].join("\r\n");
  return { raw: Buffer.from(message, "utf8").toString("base64url") };
}
