/** A mark that is not seen and keeps a word from being read as a mention or a link. */
const gap = "\u200B";

/**
 * Somebody else's words as one line that Slack and Mattermost only show: `&`, `<` and `>` as Slack wants them
 * (https://api.slack.com/reference/surfaces/formatting#escaping), and no word that calls people or hides a link.
 * `lettersMax` is counted before that.
 */
export function slackText(words: string, lettersMax = 200): string {
  const line = words.replaceAll(/[\p{Cc}\p{Cf}\p{Z}]+/gu, " ").trim();
  const letters = [...line];
  const short = letters.length > lettersMax ? `${letters.slice(0, lettersMax - 1).join("")}…` : line;
  return short
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", `@${gap}`)
    .replaceAll("](", `]${gap}(`);
}
