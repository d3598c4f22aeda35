import { html } from "hono/html";
import type { OpenApiDocument } from "../openapi.ts";
import { referenceLayout, tagPath } from "./reference-layout.ts";
import { shownOperations } from "./shown-operations.ts";

/** The first page of the reference: every operation, by group. */
export function indexPage(document: OpenApiDocument) {
  const operations = shownOperations(document);
  const groups = document.tags.map(({ name, description }) => {
    const list = operations.filter(({ tags }) => tags[0] === name);
    return html`<section>
      <h2><a href="${tagPath(name)}">${name}</a></h2>
      <p>${description}</p>
      <ul>
        ${list.map(
          ({ operationId, method, path, summary }) =>
            html`<li>
              <a href="${tagPath(name)}#${operationId}"><code>${method} ${path}</code></a> ${summary}
            </li>`,
        )}
      </ul>
    </section>`;
  });
  const content = html`<p>${document.info.description}</p>
    <p>
      The same as a document for programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1). The curl
      lines need <code>URL</code>, which is ${document.servers.map(({ url }) => url)}, and <code>KEY</code>,
      an API key or a token got for one.
    </p>
    ${groups}
    <section id="problems">
      <h2>Problems</h2>
      <p>
        Whatever goes wrong is answered as <code>application/problem+json</code> (RFC 9457):
        <code>code</code> names it, <code>detail</code> says it, <code>errors</code> names the fields,
        <code>request_id</code>
        finds it in the log and the audit.
      </p>
    </section>`;
  return referenceLayout("Federation API", document.tags, content);
}
