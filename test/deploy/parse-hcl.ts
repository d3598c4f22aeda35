import { z } from "zod";

// Required, not imported: its types would bring the browser's globals into every file.
const parser: { parse(name: string, text: string): Promise<unknown> } = require("@cdktn/hcl2json");

/** A file of HCL as Terraform's own parser reads it: blocks as lists, expressions as text in `${}`. */
export async function parseHcl(text: string): Promise<Record<string, z.core.util.JSONType>> {
  return z.record(z.string(), z.json()).parse(await parser.parse("file.tf", text));
}
