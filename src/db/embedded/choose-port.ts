import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";

// Below the ports that outgoing connections get: none of them can sit on ours while the server restarts.
const [portMin, portMax] = [15_000, 32_000];

/** A killed server lets go of its port a moment after its lock. */
const keepSeconds = 1;

/** The wanted port, else the one in the file when it is free, else any free one of loopback. */
export async function choosePort(wanted: number, portFile: string): Promise<number> {
  if (wanted !== 0) return wanted;
  const remembered = Number(await readFile(portFile, "utf8").catch(() => "0"));
  if (remembered > 0 && (await becomesFree(remembered))) return remembered;
  let port = randomInt(portMin, portMax);
  while (!(await isFree(port))) port = randomInt(portMin, portMax);
  return port;
}

async function becomesFree(port: number): Promise<boolean> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < keepSeconds * 1000) {
    if (await isFree(port)) return true;
    await Bun.sleep(20);
  }
  return false;
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(true));
  });
  if (listens) await new Promise((resolve) => probe.close(resolve));
  return listens;
}
