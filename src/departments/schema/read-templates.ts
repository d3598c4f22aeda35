import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** One numbered file of templates/schema. */
export interface SchemaTemplate {
  version: number;
  name: string;
  text: string;
  /** SHA-256 of the text before placeholders are replaced, hex. */
  checksum: string;
}

const shipped = join(import.meta.dir, "../../../templates/schema");

/** Reads the numbered templates of a folder in order; throws when a number is missing, doubled or a name is odd. */
export async function readTemplates(folder = shipped): Promise<SchemaTemplate[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const templates = await Promise.all(
    names.map(async (name, index) => {
      const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
      if (version !== index + 1) throw new TypeError(`templates/schema: ${name} is not number ${index + 1}`);
      const text = await Bun.file(join(folder, name)).text();
      return { version, name, text, checksum: new Bun.CryptoHasher("sha256").update(text).digest("hex") };
    }),
  );
  if (templates.length === 0) throw new TypeError("templates/schema: no templates");
  return templates;
}
