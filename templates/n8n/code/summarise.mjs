export function summarise(_, nodes) {
  const { session_id, transcript } = nodes("Check").args;
  const lines = linesOf(transcript);
  const sentences = lines.flatMap(({ role, text }) =>
    (text.match(/[^.!?\n]+[.!?]*/g) ?? [])
      .map((sentence) => sentence.trim())
      .filter((sentence) => wordsOf(sentence).length > 2)
      .map((sentence) => ({ role, sentence: sentence.slice(0, 400) })),
  );
  if (sentences.length === 0) {
    return { refused: { code: "nothing_to_summarise", message: "The transcript has no sentences." } };
  }
  const chosen = choose(sentences, 6);
  const summary = chosen.map(({ role, sentence }) => (role ? `${role}: ${sentence}` : sentence)).join("\n");
  return { session_id, messages: lines.length, summary };
}

/** A text, or a list of texts or of messages with `role` and `text` or `content`. */
function linesOf(transcript) {
  const list = Array.isArray(transcript) ? transcript : [transcript];
  return list.slice(0, 5000).flatMap((entry) => {
    if (typeof entry === "string") return [{ role: "", text: entry }];
    const text = entry?.text ?? entry?.content;
    const role = typeof entry?.role === "string" ? entry.role.slice(0, 40) : "";
    return typeof text === "string" ? [{ role, text }] : [];
  });
}

function wordsOf(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? [];
}

/** The sentences whose words come up again, but not everywhere, in the order they were said. */
function choose(sentences, countMax) {
  const counts = new Map();
  for (const { sentence } of sentences) {
    for (const word of new Set(wordsOf(sentence))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const scored = sentences.map((entry, index) => {
    const words = [...new Set(wordsOf(entry.sentence))];
    const weight = (count) => (count < 2 ? 0 : count * Math.log(sentences.length / count));
    const sum = words.reduce((total, word) => total + weight(counts.get(word)), 0);
    return { ...entry, index, score: sum / Math.sqrt(words.length || 1) };
  });
  return scored
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, countMax)
    .toSorted((a, b) => a.index - b.index);
}
