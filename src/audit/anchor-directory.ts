import { link, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where checkpoints go, outside the database: files that appear whole, once, and are never written over. */
export interface AnchorDirectory {
  path: string;
  /** False when there is a file of this name already. */
  add(name: string, text: string): Promise<boolean>;
  read(name: string): Promise<string | undefined>;
  /** The number of the last checkpoint; 0 before the first. */
  last(): Promise<number>;
}

export const checkpointName = (n: number) => `${String(n).padStart(10, "0")}.json`;

/** Opens the directory of a `file:` URL; made when something is added. */
export function openAnchorDirectory(url: string): AnchorDirectory {
  const path = url.startsWith("file:///") ? fileURLToPath(url) : url.slice("file:".length);
  return {
    path,
    async add(name, text) {
      await mkdir(path, { recursive: true, mode: 0o700 });
      const temporary = join(path, `.${process.pid}.${crypto.randomUUID()}`);
      try {
        await writeWhole(temporary, text);
        // A link, unlike a rename, never takes the place of a file that is there.
        await link(temporary, join(path, name));
        return true;
      } catch (error) {
        if (isCode(error, "EEXIST")) return false;
        throw error;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    read: (name) => readFile(join(path, name), "utf8").catch(missing),
    async last() {
      const names = (await readdir(path).catch(missing)) ?? [];
      const numbers = names.flatMap((name) =>
        /^\d{10}\.json$/.test(name) ? [Number(name.slice(0, 10))] : [],
      );
      return numbers.reduce((most, number) => Math.max(most, number), 0);
    },
  };
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

const isCode = (error: unknown, code: string) =>
  error instanceof Error && "code" in error && error.code === code;

function missing(error: unknown): undefined {
  if (!isCode(error, "ENOENT")) throw error;
}
