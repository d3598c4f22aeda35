import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { variablesFor } from "../agent/run-agent.ts";
import { startStubMcp, type StubMcp } from "../agent/stub-mcp.ts";
import { startStubPlatform, type StubPlatform } from "../agent/stub-platform.ts";
import { voiceVariables } from "../agent/voice-variables.ts";
import { startStubLiveKit, type StubLiveKit } from "./stub-livekit.ts";

// The image as it is delivered, on the machine's own network so that it meets the stubs of this process.
const image = `federation-agent-test:${process.pid}`;
const buildScript = join(import.meta.dir, "../../templates/agent/build-image.ts");

let platform: StubPlatform;
let livekit: StubLiveKit;
let workflows: StubMcp;
let container: string;
let url: string;

beforeAll(() => run([process.execPath, buildScript, image, "--network", "host"]), 600_000);
afterAll(() => run(["docker", "image", "rm", "--force", image]));

beforeEach(async () => {
  const { LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = voiceVariables();
  platform = startStubPlatform();
  livekit = startStubLiveKit({ apiKey, apiSecret });
  workflows = startStubMcp();
  const port = freePort();
  url = `http://127.0.0.1:${port}`;
  const variables = {
    ...variablesFor(platform.url),
    ...voiceVariables(livekit.url),
    MCP_URL: workflows.url,
    MCP_TOKEN: "mcp-token",
    HOST: "127.0.0.1",
    PORT: String(port),
    DRAIN_SECONDS: "20",
  };
  const environment = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  container = await run([
    ...["docker", "run", "--detach", "--network", "host", "--memory", "1g"],
    ...["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
    ...environment,
    image,
  ]);
});

afterEach(async () => {
  await run(["docker", "rm", "--force", container]);
  await Promise.all([platform.close(), livekit.stop(), workflows.stop()]);
});

async function run(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "pipe"] });
  const [text, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command[0]} ${command[1]}: ${error.slice(-2000)}`);
  return text.trim();
}

const inContainer = (...command: string[]) => run(["docker", "exec", container, ...command]);
const inspect = (format: string) => run(["docker", "inspect", "--format", format, container]);

function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop(true);
  return port;
}

async function until(fits: () => boolean | Promise<boolean>) {
  while (!(await fits())) await Bun.sleep(200);
}

const isReady = async () => (await fetch(`${url}/health`).catch(() => undefined))?.status === 200;

test("it serves on a read-only root, without capabilities, as a user without rights, and is healthy to Docker", async () => {
  await until(isReady);
  const report = await (await fetch(`${url}/health`)).json();
  expect(report).toMatchObject({
    status: "ready",
    checks: { mcp: { ok: true }, voice: { ok: true, detail: "connected" } },
  });
  expect(livekit.registrations[0]?.agentName).toBe("dept-hr-ab12");
  expect(await inContainer("id", "-u")).toBe("1000");
  await expect(inContainer("touch", "/app/x")).rejects.toThrow();
  await until(async () => (await inspect("{{.State.Health.Status}}")) === "healthy");
});

test("it is unhealthy to its own health check while LiveKit is away", async () => {
  await until(isReady);
  await livekit.stop();
  await until(async () => !(await isReady()));
  await expect(inContainer("node", "healthcheck.mjs")).rejects.toThrow();
});

test("as process 1 it obeys SIGTERM: full at once, drained, exit 0", async () => {
  await until(isReady);
  await run(["docker", "stop", "--time", "40", container]);
  expect(await inspect("{{.State.ExitCode}} {{.State.OOMKilled}}")).toBe("0 false");
  expect(livekit.statuses.some(({ status, load }) => status === 1 && load === 0)).toBe(true);
  const output = await run(["docker", "logs", container]);
  expect(output).toContain('"voice drained"');
  expect(output).not.toContain("canary");
});

test("it holds what it says it is made of, and neither lock file nor certificates of the builder", async () => {
  await until(isReady);
  const sbom = JSON.parse(await inContainer("cat", "sbom.cdx.json")) as {
    bomFormat: string;
    components: { name: string; group?: string; version: string }[];
  };
  expect(sbom.bomFormat).toBe("CycloneDX");
  expect(sbom.components.map(({ name }) => name)).toContain("@livekit/agents");
  const files = (await inContainer("ls", "-A")).split("\n");
  expect(files.toSorted()).not.toContain("ca.crt");
  expect(files).not.toContain("package-lock.json");
  expect(files).not.toContain(".npmrc");
});
