import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type McpTemplate, mcpTemplate, type WorkflowTemplate, workflowTemplate } from "./template.ts";
import { mcpKey } from "./workflow-keys.ts";

const folder = join(import.meta.dir, "../../templates/n8n");

/** The template of a workflow. Throws when there is none, or when it does not read. */
export function readTemplate(key: string): WorkflowTemplate {
  const template = workflowTemplate.parse(readJson(key));
  if (template.template !== key)
    throw new TypeError(`templates/n8n/${key}.json is named ${template.template}`);
  return template;
}

export const readMcpTemplate = (): McpTemplate => mcpTemplate.parse(readJson(mcpKey));

/** The text of a function for n8n's Code node, named after its file, such as `readMail` of `read-mail`. */
export function readCode(name: string): { text: string; functionName: string } {
  const text = readFileSync(join(folder, "code", `${checked(name)}.mjs`), "utf8");
  const functionName = name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return { text: text.replace(/^export /gm, ""), functionName };
}

const readJson = (key: string): unknown =>
  JSON.parse(readFileSync(join(folder, `${checked(key)}.json`), "utf8"));

function checked(name: string): string {
  if (!/^[a-z][a-z_-]*$/.test(name)) throw new TypeError("templates/n8n: no such template");
  return name;
}
