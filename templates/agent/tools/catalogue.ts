import { aggregate } from "./aggregate.ts";
import { getContact } from "./get-contact.ts";
import { getContext } from "./get-context.ts";
import { getDocument } from "./get-document.ts";
import { listEvents } from "./list-events.ts";
import { putContext } from "./put-context.ts";
import { recall } from "./recall.ts";
import { remember } from "./remember.ts";
import { searchContacts } from "./search-contacts.ts";
import { searchDocuments } from "./search-documents.ts";
import { searchEmails } from "./search-emails.ts";
import { searchOtherDepartment } from "./search-other-department.ts";
import type { Tool } from "./tool.ts";

/** What each tool of a department's configuration gives its agent; those without tools here are n8n's part. */
const catalogue = {
  email: [searchEmails],
  google_drive: [searchDocuments, getDocument],
  database: [searchDocuments, getDocument, aggregate, searchOtherDepartment],
  vector_store: [],
  agent_context: [getContext, putContext, remember, recall],
  file_download_email: [],
  calendar: [listEvents],
  contacts: [searchContacts, getContact],
} satisfies Record<string, Tool[]>;

export type ConfigTool = keyof typeof catalogue;

export const isConfigTool = (name: string): name is ConfigTool => Object.hasOwn(catalogue, name);

/** The agent's tools by name, each once. */
export function enabledTools(names: readonly ConfigTool[]): ReadonlyMap<string, Tool> {
  return new Map(names.flatMap((name): Tool[] => catalogue[name]).map((tool) => [tool.name, tool]));
}
