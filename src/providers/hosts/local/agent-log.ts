import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export interface AgentLog {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Appends to a file that only its owner reads; at `bytesMax` it becomes `<path>.1` and a new one begins. */
export function openAgentLog(path: string, bytesMax = 1024 * 1024): AgentLog {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file: number | undefined;
  let bytes = 0;
  const open = () => {
    file = openSync(path, "a", 0o600);
    bytes = fstatSync(file).size;
    return file;
  };
  const close = () => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return {
    write(chunk) {
      file ??= open();
      if (bytes > 0 && bytes + chunk.length > bytesMax) {
        close();
        renameSync(path, `${path}.1`);
        file = open();
      }
      bytes += writeSync(file, chunk);
    },
    close,
  };
}
