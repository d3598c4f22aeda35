import { join } from "node:path";

export const agentDirectory = join(import.meta.dir, "../../templates/agent");
export const agentToken = "the-bearer-of-this-agent";

export interface AgentUnderTest {
  url: string;
  pid: number;
  /** Everything written so far. */
  output(): string;
  call(path: string, init?: RequestInit & { bearer?: string }): Promise<Response>;
  callTool(name: string, args: unknown): Promise<Response>;
  kill(signal: NodeJS.Signals): void;
  exitCode: Promise<number>;
}

export const variablesFor = (platformUrl: string, departmentId: string = Bun.randomUUIDv7()) => ({
  FEDERATION_URL: platformUrl,
  FEDERATION_KEY_ID: "key-1",
  FEDERATION_KEY_SECRET: "canary-key-secret",
  DEPARTMENT_ID: departmentId,
  DEPARTMENT_NAME: "Human Resources",
  ENABLED_TOOLS: "database,contacts,agent_context",
  AGENT_TOKEN: agentToken,
  RELEASE: "r1",
});

/** Runs the real entry as a process of its own, with only the packages that are there. */
export async function runAgent(
  variables: Record<string, string>,
  directory = agentDirectory,
): Promise<AgentUnderTest> {
  const port = await freePort();
  const process_ = Bun.spawn([process.execPath, "--no-install", join(directory, "main.ts")], {
    cwd: directory,
    env: { ...variables, PORT: String(port) },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const listening = Promise.withResolvers<void>();
  const drain = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) {
      output += new TextDecoder().decode(chunk);
      if (output.includes('"msg":"listening"')) listening.resolve();
    }
  };
  const drained = Promise.all([drain(process_.stdout), drain(process_.stderr)]);
  const exitCode = process_.exited.then(async (code) => (await drained, code));
  await Promise.race([listening.promise, exitCode]);
  const url = `http://127.0.0.1:${port}`;
  const call: AgentUnderTest["call"] = (path, { bearer = agentToken, headers, ...init } = {}) =>
    fetch(url + path, { ...init, headers: { authorization: `Bearer ${bearer}`, ...headers } });
  return {
    url,
    pid: process_.pid,
    output: () => output,
    call,
    callTool: (name, args) =>
      call(`/tools/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(args),
      }),
    kill: (signal) => process_.kill(signal),
    exitCode,
  };
}

async function freePort(): Promise<number> {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop(true);
  return port;
}
