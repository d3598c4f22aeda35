export function listAttachments(answer) {
  if (answer.statusCode !== 200) return answer;
  const allParts = (part) => [part, ...(part.parts ?? []).flatMap(allParts)];
  const attachments = allParts(answer.body.payload)
    .filter(({ filename, body }) => filename && body?.attachmentId)
    .map(({ partId, filename, mimeType, body }) => ({
      part_id: partId,
      name: filename,
      mime_type: mimeType,
      bytes: body.size,
    }));
  return { result: { attachments } };
}
