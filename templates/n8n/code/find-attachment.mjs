export function findAttachment(answer, nodes) {
  if (answer.statusCode !== 200) return answer;
  const bytesMax = 10_000_000;
  const { message_id: message, part_id: wanted } = nodes("Check").args;
  const refuse = (code, words) => ({ refused: { code, message: words } });
  const allParts = (part) => [part, ...(part.parts ?? []).flatMap(allParts)];
  const part = allParts(answer.body.payload).find(
    ({ partId, filename, body }) => partId === wanted && filename && body?.attachmentId,
  );
  if (part === undefined) return refuse("not_found", "The mail has no such attachment.");
  if (part.body.size > bytesMax) return refuse("too_large", "The attachment is larger than 10 MB.");
  return {
    attachment: {
      id: part.body.attachmentId,
      external_id: `${message}:${wanted}`,
      name: part.filename.slice(0, 500),
      mime_type: (part.mimeType || "application/octet-stream").toLowerCase().slice(0, 255),
      bytes: part.body.size,
    },
  };
}
