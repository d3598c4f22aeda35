import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { FederationError, notFound } from "../errors.ts";

/** Where exports, archives and checkpoints go. A file appears whole under its name or not at all. */
export interface Artifacts {
  /**
   * Writes the stream and answers its size; an existing file of this name is replaced. `mayKeep` is asked right before
   * the file gets its name; when it throws, nothing is kept.
   */
  write(
    name: string,
    stream: AsyncIterable<Uint8Array>,
    mayKeep?: () => Promise<void>,
  ): Promise<{ location: string; bytes: number }>;
  read(location: string): Promise<ReadableStream<Uint8Array>>;
  /** Removes whatever else lies beside it, also what a killed process left half written. */
  keepOnly(location: string): Promise<void>;
}

/** Opens the store of `ARTIFACTS_URL`: a `file:` URL of a directory. Throws `artifacts_unsupported` for other schemes. */
export function openArtifacts(url: string): Artifacts {
  if (!url.startsWith("file:")) {
    throw new FederationError("artifacts_unsupported", "ARTIFACTS_URL must be a file: URL of a directory.");
  }
  const directory = url.startsWith("file:///") ? fileURLToPath(url) : url.slice("file:".length);
  const pathOf = (name: string) => {
    const path = normalize(join(directory, name));
    if (!path.startsWith(join(directory, "/"))) throw notFound();
    return path;
  };
  return {
    async write(name, stream, mayKeep) {
      const path = pathOf(name);
      const bytes = await writeWhole(path, stream, mayKeep);
      return { location: name, bytes };
    },
    async read(location) {
      const file = Bun.file(pathOf(location));
      if (!(await file.exists())) throw notFound();
      return file.stream();
    },
    async keepOnly(location) {
      const path = pathOf(location);
      const beside = (await readdir(dirname(path))).map((name) => join(dirname(path), name));
      await Promise.all(beside.filter((other) => other !== path).map((other) => rm(other, { force: true })));
    },
  };
}

async function writeWhole(
  path: string,
  stream: AsyncIterable<Uint8Array>,
  mayKeep?: () => Promise<void>,
): Promise<number> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.${Bun.randomUUIDv7()}.part`;
  const file = await open(temporary, "wx", 0o600);
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      await file.write(chunk);
      bytes += chunk.byteLength;
    }
    await file.sync();
    await file.close();
    await mayKeep?.();
    await rename(temporary, path);
    return bytes;
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}
