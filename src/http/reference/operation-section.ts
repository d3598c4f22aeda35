import { html } from "hono/html";
import type { Json } from "../../json.ts";
import { curlLine } from "./curl-line.ts";
import { schemaFields } from "./schema-fields.ts";
import type { Html } from "./reference-layout.ts";
import type { ShownOperation } from "./shown-operations.ts";
import { typeOf } from "./type-of.ts";

/** One operation: who may call it, what it takes, a call, what it answers. */
export function operationSection(operation: ShownOperation): Html {
  const { operationId, method, path, summary, description = "" } = operation;
  return html`<section id="${operationId}" aria-labelledby="${operationId}-title">
    <h2 id="${operationId}-title">
      <a href="#${operationId}"><code>${method} ${path}</code></a>
    </h2>
    <p>${summary}. <span class="quiet">${description.replaceAll("`", "")}</span></p>
    ${parameters(operation)} ${body(operation)}
    <h3>Call</h3>
    ${code(curlLine(operation), `${operationId}: curl`)}
    <h3>Answers</h3>
    ${answers(operation)}
  </section>`;
}

function parameters({ parameters: list = [], operationId }: ShownOperation): Html | "" {
  if (list.length === 0) return "";
  return html`<h3>Parameters</h3>
    <div class="wide" tabindex="0" role="region" aria-label="${operationId}: parameters">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">In</th>
            <th scope="col">Is</th>
            <th scope="col">Needed</th>
          </tr>
        </thead>
        <tbody>
          ${list.map(
            (one) =>
              html`<tr>
                <th scope="row"><code>${one.name}</code></th>
                <td>${one.in}</td>
                <td>${typeOf(one.schema)}</td>
                <td>${one.required ? "yes" : "no"}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function body({ requestBody, operationId }: ShownOperation): Html | "" {
  const content = requestBody?.content["application/json"];
  if (!requestBody || !content) return "";
  return html`<h3>Body${requestBody.required ? "" : " (may be empty)"}</h3>
    ${schemaFields(content.schema ?? {}, `${operationId}: body`)}
    ${content.example === undefined ? "" : json(content.example, `${operationId}: example of the body`)}`;
}

/** What goes well with its example; what does not in one line, it is the same everywhere. */
function answers({ responses, operationId }: ShownOperation): Html {
  const all = Object.entries(responses);
  const refusals = all.flatMap(([status]) => (/^[45]/.test(status) ? [status] : []));
  const good = all
    .filter(([status]) => /^[23]/.test(status))
    .map(([status, { content = {} }]) => {
      const [type = "nothing"] = Object.keys(content);
      const { schema, example } = content[type] ?? {};
      const isJson = type === "application/json";
      return html`<p><b>${status}</b> <span class="quiet">${type}</span></p>
        ${example === undefined ? "" : json(example, `${operationId}: example of ${status}`)}
        ${
          isJson && schema
            ? html`<details>
                <summary>Fields of ${status}</summary>
                ${schemaFields(schema, `${operationId}: fields of ${status}`)}
              </details>`
            : ""
        }`;
    });
  return html`${good}
    <p><a href="/docs#problems">Problems</a>: ${refusals.join(", ")}</p>`;
}

const json = (value: Json, label: string) => code(JSON.stringify(value, null, 2), label);
const code = (text: string, label: string) =>
  html`<pre tabindex="0" role="region" aria-label="${label}"><code>${text}</code></pre>`;
