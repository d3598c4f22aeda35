export function loosenQuery(_, nodes) {
  const { query, limit } = nodes("Check").args;
  const words = [...new Set(query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])];
  const telling = words.filter((word) => word.length > 3 && word !== "or");
  // Words are joined by "or", which counts as one of the 50 words a question may have.
  const chosen = (telling.length > 0 ? telling : words).slice(0, 20);
  if (chosen.length === 0) {
    return { refused: { code: "invalid_arguments", message: "query has no words." } };
  }
  return { query: chosen.join(" or ").slice(0, 500), limit };
}
