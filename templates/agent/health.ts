import type { Check } from "./check.ts";
import type { AgentConfig } from "./config.ts";
import type { Mcp } from "./mcp/mcp.ts";
import type { Platform } from "./platform.ts";
import { problemOf } from "./problem.ts";
import type { Toolbox } from "./tools/toolbox.ts";
import type { Voice } from "./voice.ts";

export interface HealthReport {
  status: "ready" | "degraded" | "starting";
  release: string;
  department_id: string;
  checks: {
    token: Check & { scope: string };
    gateway: Check;
    tools: { ok: boolean; names: string[] };
    /** Only of an agent that has workflows. */
    mcp?: Check;
    voice: Check;
  };
}

export interface HealthOptions {
  config: Pick<AgentConfig, "departmentId" | "release">;
  platform: Platform;
  toolbox: Toolbox;
  mcp: Mcp | undefined;
  voice: Voice | undefined;
  timeoutSeconds?: number;
}

/** How long an answer serves, so that probes cannot storm the platform. */
const cacheSeconds = { ready: 1, other: 0.2 };

/** An agent that was never ready says `starting` for this long, `degraded` afterwards. */
const startingSeconds = 10;

/** Answers what is true now: a real token, a real call through the gateway. Contains no secret. */
export function createHealth(options: HealthOptions): () => Promise<HealthReport> {
  const { config, platform, toolbox, timeoutSeconds = 3 } = options;
  const startedAt = performance.now();
  let wasReady = false;
  let checking: Promise<HealthReport> | undefined;

  async function check(): Promise<HealthReport> {
    const [token, gateway, mcp, voice] = await Promise.all([
      checkToken(platform, timeoutSeconds),
      checkGateway(),
      options.mcp && told(options.mcp.check(), timeoutSeconds),
      options.voice ? told(options.voice.check(), timeoutSeconds) : { ok: true, detail: "off" },
    ]);
    const ready = [token, gateway, mcp, voice].every((part) => part === undefined || part.ok);
    wasReady ||= ready;
    const starting = !wasReady && performance.now() - startedAt < startingSeconds * 1000;
    return {
      status: ready ? "ready" : starting ? "starting" : "degraded",
      release: config.release,
      department_id: config.departmentId,
      checks: {
        token,
        gateway,
        tools: { ok: true, names: toolbox.names() },
        ...(mcp && { mcp }),
        voice,
      },
    };
  }

  async function checkGateway(): Promise<Check> {
    const path = "/self-check";
    return await attempt(platform.call({ method: "GET", path, timeoutSeconds }), timeoutSeconds);
  }

  return () => {
    checking ??= check().then((report) => {
      const seconds = report.status === "ready" ? cacheSeconds.ready : cacheSeconds.other;
      setTimeout(() => (checking = undefined), seconds * 1000).unref();
      return report;
    });
    return checking;
  };
}

async function checkToken(platform: Platform, timeoutSeconds: number) {
  let scope = "";
  const asked = platform.token().then((token) => (scope = token.scope));
  return { ...(await attempt(asked, timeoutSeconds)), scope };
}

const attempt = (work: Promise<unknown>, timeoutSeconds: number): Promise<Check> =>
  told(
    work.then(() => ({ ok: true, detail: "ok" })),
    timeoutSeconds,
  );

/** What a part says of itself; that it failed or was late, when it says nothing. */
async function told(work: Promise<Check>, timeoutSeconds: number): Promise<Check> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(resolve, timeoutSeconds * 1000, { ok: false, detail: "no answer in time" });
  });
  const said = work.catch((error: unknown) => ({ ok: false, detail: problemOf(error).message }));
  return await Promise.race([said, late]).finally(() => clearTimeout(timer));
}
