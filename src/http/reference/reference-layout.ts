import { createHash } from "node:crypto";
import { html, raw } from "hono/html";

export type Html = ReturnType<typeof html>;

const style = `:root{color-scheme:light dark;--text:#1c2430;--page:#fff;--soft:#f4f6f9;--line:#c9d1dc;--accent:#0b57d0;--quiet:#4a5568}
@media(prefers-color-scheme:dark){:root{--text:#e6eaf0;--page:#12161c;--soft:#1d232c;--line:#3b4554;--accent:#8ab4f8;--quiet:#a9b4c4}}
*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1rem;color:var(--text);background:var(--page)}
a{color:var(--accent)}a:focus-visible,pre:focus-visible,summary:focus-visible,.wide:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:0;list-style:none}
section{border-top:1px solid var(--line);margin-top:2.5rem;padding-top:.5rem}h2 code{font-size:1.1rem}h2 a{text-decoration:none}
code,pre{font:13px/1.5 ui-monospace,monospace}pre{background:var(--soft);padding:.8rem;overflow:auto;border-radius:4px}
.wide{overflow:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}caption{text-align:left;color:var(--quiet);padding:.3rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;border-bottom:1px solid var(--line)}td code{overflow-wrap:anywhere}
summary{cursor:pointer;margin:.5rem 0}.quiet{color:var(--quiet)}`;

/** Lets exactly these pages' own style in, and nothing from elsewhere. */
export const referencePolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** The frame of every page of the reference: no script, the way to the other pages first. */
export function referenceLayout(title: string, tags: readonly { name: string }[], content: Html) {
  return withoutIndentation(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title}</title>
          ${raw(`<style>${style}</style>`)}
        </head>
        <body>
          <a class="skip" href="#content">To the content</a>
          <nav aria-label="Groups">
            <ul>
              <li><a href="/docs">Federation API</a></li>
              ${tags.map(({ name }) => html`<li><a href="${tagPath(name)}">${name}</a></li>`)}
            </ul>
          </nav>
          <main id="content">
            <h1>${title}</h1>
            ${content}
          </main>
        </body>
      </html>`,
  );
}

/** Half of a page would be the indentation of these sources; what stands in `pre` has no tags of its own. */
const withoutIndentation = (page: Html) =>
  raw(String(page).replaceAll(/\s*\n\s*(?=<)|(?<=>)\s*\n\s*/g, "\n"));

/** Where the page of a group is. */
export const tagPath = (name: string) => `/docs/${tagSlug(name)}`;
export const tagSlug = (name: string) => name.toLowerCase().replaceAll(" ", "-");
