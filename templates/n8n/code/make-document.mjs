export function makeDocument(input, nodes) {
  const textMax = 250_000;
  const { id: _, ...attachment } = nodes("Find the attachment").attachment;
  const kind = nodes("Decode").kind;
  const found = typeof input.text === "string" ? input.text.replaceAll("\u0000", "") : "";
  const failed = kind === "pdf" && input.text === undefined;
  return {
    truncated: found.length > textMax,
    item: {
      ...attachment,
      source: "gmail",
      folder: "Mail attachments",
      text: found.slice(0, textMax),
      extraction: failed ? "failed" : kind === "other" ? "unsupported" : "done",
      ...(failed && { extraction_error: "The PDF does not read." }),
    },
  };
}
