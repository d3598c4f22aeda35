import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Client } from "../client/client.ts";
import type { JsonObject } from "../json.ts";

const example = z.object({
  department: z.looseObject({ department_id: z.string() }),
  documents: z.array(z.looseObject({ external_id: z.string() })),
  contacts: z.array(z.looseObject({ external_id: z.string() })),
});
export type Example = z.infer<typeof example>;

/** The departments in a directory of JSON files, by file name. */
export async function readExamples(directory: string): Promise<Example[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(
    names.map(async (name) => example.parse(JSON.parse(await readFile(join(directory, name), "utf8")))),
  );
}

/** Puts an example's documents and contacts in through the API; external ids make a repeat harmless. */
export async function loadData(
  client: Client,
  { department, documents, contacts }: Example,
): Promise<JsonObject> {
  const path = `/departments/${department.department_id}`;
  const answers = await Promise.all([
    client.send("PUT", `${path}/documents`, { items: documents }),
    client.send("PUT", `${path}/contacts`, { items: contacts }),
  ]);
  return Object.assign({}, ...answers);
}
