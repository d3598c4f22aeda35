import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { OpenApiDocument } from "./openapi.ts";

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430}
h2{margin-top:2.5rem;border-bottom:1px solid #d5dbe3}details{margin:.5rem 0}summary{cursor:pointer}
code,pre{font:13px/1.5 ui-monospace,monospace}pre{background:#f4f6f9;padding:1rem;overflow:auto}
b{display:inline-block;min-width:4.5rem;color:#0b57d0}`;

/** Lets exactly this page's own style in, and nothing from elsewhere. */
export const referencePolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

interface Shown {
  operationId: string;
  summary: string;
  tags: string[];
  description?: string;
}

/** The reference as one page without scripts: every operation with its schemas. */
export function referencePage(document: OpenApiDocument) {
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation: operation as Shown })),
  );
  const sections = document.tags.map(({ name }) => ({
    name,
    list: entries.filter(({ operation }) => operation.tags[0] === name),
  }));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Federation API</title>
        ${raw(`<style>${style}</style>`)}
      </head>
      <body>
        <h1>Federation API</h1>
        <p>${document.info.description} The same as a document: <a href="/openapi.json">/openapi.json</a>.</p>
        ${sections.map(
          ({ name, list }) =>
            html`<h2>${name}</h2>
              ${list.map(
                ({ path, method, operation }) =>
                  html`<details id="${operation.operationId}">
                    <summary>
                      <b>${method.toUpperCase()}</b> <code>${path}</code> ${operation.summary}
                    </summary>
                    <p>${operation.description ?? ""}</p>
                    <pre>${JSON.stringify(operation, null, 2)}</pre>
                  </details>`,
              )}`,
        )}
      </body>
    </html>`;
}
