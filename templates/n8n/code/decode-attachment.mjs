export function decodeAttachment(answer, nodes) {
  if (answer.statusCode !== 200) return answer;
  const { mime_type: type } = nodes("Find the attachment").attachment;
  const bytes = Buffer.from(answer.body.data, "base64url");
  if (type === "application/pdf") return { kind: "pdf", file: bytes.toString("base64") };
  const isText = /^text\/|^application\/(json|xml|yaml|x-yaml|csv)$|\+(json|xml)$/.test(type);
  if (!isText) return { kind: "other" };
  const text = bytes.toString("utf8");
  return { kind: "text", text: type === "text/html" ? text.replaceAll(/<[^>]*>/g, " ") : text };
}
