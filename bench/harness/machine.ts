import { cpus, loadavg, totalmem } from "node:os";

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

/** Over 1, 5 and 15 minutes: what else the machine was doing. */
export function loadAverage(): number[] {
  return loadavg().map((load) => Number(load.toFixed(2)));
}
