/**
 * A page of the consent, as a browser sees it: no script, nothing loaded, nothing secret. Under the `no-referrer` of all
 * our answers a browser would send `Origin: null` with the form (Fetch, "append a request Origin header"), so the page
 * says `same-origin`.
 */
export function consentPage(title: string, lines: readonly string[], button?: string): string {
  const body = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n");
  const form =
    button === undefined ? "" : `<form method="post"><button>${escapeHtml(button)}</button></form>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="same-origin"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body><main><h1>${escapeHtml(title)}</h1>
${body}
${form}
</main></body></html>
`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (letter) => entities[letter] ?? "");
