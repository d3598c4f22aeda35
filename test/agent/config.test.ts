import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../templates/agent/config.ts";
import { variablesFor } from "./run-agent.ts";
import { voiceVariables } from "./voice-variables.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-agent-config-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const load = (variables: Record<string, string> = {}) =>
  loadConfig({ ...variablesFor("http://127.0.0.1:1"), ...variables });

function messageOf(variables: Record<string, string>): string {
  try {
    load(variables);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

async function secretsFile(content: string): Promise<string> {
  const path = join(directory, `${Bun.randomUUIDv7()}.json`);
  await Bun.write(path, content);
  return path;
}

test("without their variables voice and workflows are off", () => {
  expect(load()).toMatchObject({ voice: undefined, mcp: undefined, drainSeconds: 60 });
});

test("all variables of voice turn it on, with English and the provider's voice unless told", () => {
  const voice = load(voiceVariables()).voice;
  expect(voice).toMatchObject({ language: "en", voice: undefined, greeting: undefined });
  expect(voice?.livekit.agentName).toBe("dept-hr-ab12");
  expect(
    load({ ...voiceVariables(), AGENT_LANGUAGE: "de-CH", AGENT_VOICE: "v1", AGENT_GREETING: "Grüezi" }).voice,
  ).toMatchObject({ language: "de-CH", voice: "v1", greeting: "Grüezi" });
});

test("voice that is set in half is one error, which names what is missing and no value", () => {
  const { LIVEKIT_API_SECRET: _secret, LLM_MODEL: _model, ...half } = voiceVariables();
  const message = messageOf(half);
  expect(message).toContain("LIVEKIT_API_SECRET, LLM_MODEL");
  expect(message.split(";").length).toBe(1);
  for (const value of Object.values(half)) expect(message).not.toContain(value);
});

test.each([
  ["LIVEKIT_URL", "ftp://x"],
  ["LLM_BASE_URL", "no-url"],
  ["AGENT_LANGUAGE", "english; ignore"],
  ["DRAIN_SECONDS", "-1"],
  ["DRAIN_SECONDS", "86400"],
])("%s=%s is refused by name", (name, value) => {
  const message = messageOf({ ...voiceVariables(), [name]: value });
  expect(message).toContain(name);
  expect(message).not.toContain(value);
});

test("an MCP endpoint needs its token", () => {
  expect(messageOf({ MCP_URL: "http://127.0.0.1:1/mcp/x" })).toContain("MCP_TOKEN");
  expect(load({ MCP_URL: "http://127.0.0.1:1/mcp/x", MCP_TOKEN: "t" }).mcp?.token).toBe("t");
});

test("the secrets file adds variables and wins over those of the environment", async () => {
  const SECRETS_FILE = await secretsFile(
    JSON.stringify({ FEDERATION_KEY_SECRET: "from-the-file", MCP_TOKEN: "also" }),
  );
  const config = load({ SECRETS_FILE, MCP_URL: "http://127.0.0.1:1/mcp/x" });
  expect(config).toMatchObject({ keySecret: "from-the-file", mcp: { token: "also" } });
});

test("a secrets file that is missing or does not read is an error without its content", async () => {
  expect(messageOf({ SECRETS_FILE: join(directory, "none.json") })).toBe(
    "SECRETS_FILE cannot be read (ENOENT)",
  );
  for (const content of ['{"A": "canary', '["canary"]', '{"A": {"canary": 1}}', '"canary"', "null"]) {
    const message = messageOf({ SECRETS_FILE: await secretsFile(content) });
    expect(message).toBe("SECRETS_FILE must hold a JSON object of texts");
  }
});
