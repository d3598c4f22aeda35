export function readMail(answer) {
  if (answer.statusCode !== 200) return answer;
  const textMax = 50_000;
  const { id, threadId, payload } = answer.body;
  const headers = new Map((payload.headers ?? []).map(({ name, value }) => [name.toLowerCase(), value]));
  const parts = allParts(payload);
  const textOf = (type) => {
    const part = parts.find(({ mimeType, filename, body }) => mimeType === type && !filename && body?.data);
    return part && Buffer.from(part.body.data, "base64url").toString("utf8");
  };
  const text = textOf("text/plain") ?? withoutTags(textOf("text/html") ?? "");
  return {
    result: {
      id,
      thread_id: threadId,
      from: headers.get("from") ?? "",
      to: headers.get("to") ?? "",
      subject: headers.get("subject") ?? "",
      date: headers.get("date") ?? "",
      text: text.slice(0, textMax),
      truncated: text.length > textMax,
      attachments: parts.filter(({ filename }) => filename).map(({ filename }) => filename),
    },
  };
}

function allParts(part) {
  return [part, ...(part.parts ?? []).flatMap(allParts)];
}

function withoutTags(html) {
  return html
    .replaceAll(/<(style|script)\b[\s\S]*?<\/\1>/gi, " ")
    .replaceAll(/<(br|\/p|\/div|\/tr|\/li)\b[^>]*>/gi, "\n")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&nbsp;", " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll(/[ \t]+/g, " ")
    .replaceAll(/\n\s*\n+/g, "\n\n")
    .trim();
}
