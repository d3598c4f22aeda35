// `npm run build:agent -- NAME [more arguments of docker build]`: the agent's image, with the certificate that
// npm is set up with (cafile) where the network needs one. Says how large it is; too large is an error.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const bytesMax = 500_000_000;
const source = import.meta.dir;

const [tag = "federation-agent:dev", ...more] = process.argv.slice(2);

const context = await mkdtemp(join(tmpdir(), "federation-agent-image-"));
try {
  await cp(source, context, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const certificates = await output("npm", "config", "get", "cafile");
  if (certificates !== "null" && certificates !== "") await cp(certificates, join(context, "ca.crt"));
  await run("docker", "build", "--tag", tag, ...more, context);
  const bytes = Number(await output("docker", "image", "inspect", "--format", "{{.Size}}", tag));
  console.log(`${tag}: ${Math.round(bytes / 1e6)} MB`);
  if (!(bytes < bytesMax)) throw new Error(`The image is larger than ${bytesMax / 1e6} MB.`);
} finally {
  await rm(context, { recursive: true, force: true });
}

async function run(...command: string[]): Promise<void> {
  const child = Bun.spawn(command, { stdio: ["ignore", "inherit", "inherit"] });
  if ((await child.exited) !== 0) throw new Error(`${command[0]} ${command[1]} failed.`);
}

async function output(...command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`${command[0]} ${command[1]} failed.`);
  return text.trim();
}
