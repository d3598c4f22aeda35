import { html } from "hono/html";
import type { OpenApiDocument } from "../openapi.ts";
import { operationSection } from "./operation-section.ts";
import { referenceLayout, tagSlug } from "./reference-layout.ts";
import { shownOperations } from "./shown-operations.ts";

/** The page of a group with all its operations; undefined where there is no such group. */
export function tagPage(document: OpenApiDocument, slug: string) {
  const tag = document.tags.find(({ name }) => tagSlug(name) === slug);
  if (!tag) return undefined;
  const operations = shownOperations(document).filter(({ tags }) => tags[0] === tag.name);
  const contents = operations.map(
    ({ operationId, method, path }) =>
      html`<li>
        <a href="#${operationId}"><code>${method} ${path}</code></a>
      </li>`,
  );
  const content = html`<p>${tag.description}</p>
    <nav aria-label="Operations">
      <ul>
        ${contents}
      </ul>
    </nav>
    ${operations.map(operationSection)}`;
  return referenceLayout(`Federation API: ${tag.name}`, document.tags, content);
}
