import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { z } from "zod";
import { provisionRequest } from "../src/config-schema/department.ts";
import { batches } from "../src/departments/data/collections.ts";

const directory = join(import.meta.dir, "../examples/departments");
const files = [...new Glob("*.json").scanSync(directory)].sort();
const example = z.strictObject({ department: z.unknown(), documents: z.unknown(), contacts: z.unknown() });

async function readExample(file: string) {
  return example.parse(await Bun.file(join(directory, file)).json());
}

test("there is one example per department of the tour", () => {
  expect(files).toEqual(["accounting.json", "hr.json", "sales.json"]);
});

test.each(files)("%s is what the API takes", async (file) => {
  const { department, documents, contacts } = await readExample(file);
  expect(`${provisionRequest.parse(department).department_id}.json`).toBe(file);
  expect(batches.documents.parse({ items: documents }).items.length).toBeGreaterThanOrEqual(6);
  expect(batches.contacts.parse({ items: contacts }).items.length).toBeGreaterThanOrEqual(5);
});

test("no two examples enable the same tools", async () => {
  const read = await Promise.all(files.map(readExample));
  const tools = read.map(({ department }) =>
    provisionRequest.parse(department).enabled_tools.toSorted().join(),
  );
  expect(new Set(tools).size).toBe(files.length);
});

test("examples name nobody: every address is in a domain reserved for examples", async () => {
  for (const file of files) {
    const text = await Bun.file(join(directory, file)).text();
    const domains = [...text.matchAll(/@([a-z0-9.-]+)/g)].map((match) => match[1]);
    expect(domains.filter((domain) => !/(^|\.)example\.(com|org)$/.test(domain ?? ""))).toEqual([]);
  }
});
