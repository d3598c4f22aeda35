import { join } from "node:path";

export const root = join(import.meta.dir, "../..");

/** The command line of Docker, on the engine of DOCKER_HOST. Answers what it printed; throws with its last lines. */
export async function docker(...args: string[]): Promise<string> {
  const child = Bun.spawn(["docker", ...args], {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) === 0) return out.trim();
  throw new Error(`docker ${args[0]} failed: ${(error || out).slice(-1500)}`);
}

/** What a script prints as JSON, run by Bun in a container of its own on this network. */
export async function probe(network: string, script: string): Promise<unknown> {
  const hardened = ["--read-only", "--cap-drop", "ALL"];
  const image = "oven/bun:1.4.5-slim";
  const output = await docker("run", "--rm", ...hardened, "--network", network, image, "bun", "-e", script);
  return JSON.parse(output);
}

/** An image made of another one by these lines. */
export async function deriveImage(tag: string, from: string, ...lines: string[]): Promise<string> {
  const child = Bun.spawn(["docker", "build", "-q", "-t", tag, "-"], {
    stdin: new Blob([[`FROM ${from}`, ...lines].join("\n")]),
    stdout: "ignore",
    stderr: "pipe",
  });
  if ((await child.exited) !== 0) throw new Error(await new Response(child.stderr).text());
  return tag;
}
