import { cpus, totalmem } from "node:os";

/** The machine's size, without anything that names it. */
export function machine() {
  return {
    cpuModel: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    bun: Bun.version,
  };
}
