export function listAttachmentsOfAll({ answers }) {
  const failed = answers.find(({ statusCode }) => statusCode !== 200);
  if (failed !== undefined) return failed;
  const allParts = (part) => [part, ...(part.parts ?? []).flatMap(allParts)];
  const messages = answers.map(({ body: { id, payload } }) => {
    const headers = new Map((payload.headers ?? []).map(({ name, value }) => [name.toLowerCase(), value]));
    return {
      message_id: id,
      from: headers.get("from") ?? "",
      subject: headers.get("subject") ?? "",
      date: headers.get("date") ?? "",
      attachments: allParts(payload)
        .filter(({ filename, body }) => filename && body?.attachmentId)
        .map(({ partId, filename, mimeType, body }) => ({
          part_id: partId,
          name: filename,
          mime_type: mimeType,
          bytes: body.size,
        })),
    };
  });
  return { result: { messages } };
}
