import type { DraftNode } from "./draft.ts";

/** What a person who opens the workflow reads first, and the one place that shows the department's name. */
export const aboutNode = (head: { template: string; version: number; about: string }): DraftNode => ({
  name: "About",
  type: "n8n-nodes-base.stickyNote",
  typeVersion: 1,
  parameters: {
    // An indented block: the name is shown as it is, not read as Markdown.
    content: `Federation: ${head.template}, version ${head.version}. ${head.about}\n\n    {{federation:department.name}}\n`,
    width: 640,
    height: 160,
  },
});
