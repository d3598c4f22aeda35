import type { AgentConfig } from "./config.ts";
import type { Platform } from "./platform.ts";
import { problemOf } from "./problem.ts";
import type { Tool } from "./tools/tool.ts";

interface Check {
  ok: boolean;
  detail: string;
}

export interface HealthReport {
  status: "ready" | "degraded" | "starting";
  release: string;
  department_id: string;
  checks: {
    token: Check & { scope: string };
    gateway: Check;
    tools: { ok: boolean; names: string[] };
    voice: Check;
  };
}

export interface HealthOptions {
  config: Pick<AgentConfig, "departmentId" | "release">;
  platform: Platform;
  tools: ReadonlyMap<string, Tool>;
  timeoutSeconds?: number;
}

/** How long an answer serves, so that probes cannot storm the platform. */
const cacheSeconds = { ready: 1, other: 0.2 };

/** An agent that was never ready says `starting` for this long, `degraded` afterwards. */
const startingSeconds = 10;

/** Answers what is true now: a real token, a real call through the gateway. Contains no secret. */
export function createHealth(options: HealthOptions): () => Promise<HealthReport> {
  const { config, platform, tools, timeoutSeconds = 3 } = options;
  const startedAt = performance.now();
  let wasReady = false;
  let checking: Promise<HealthReport> | undefined;

  async function check(): Promise<HealthReport> {
    const [token, gateway] = await Promise.all([checkToken(platform, timeoutSeconds), checkGateway()]);
    const ready = token.ok && gateway.ok;
    wasReady ||= ready;
    const starting = !wasReady && performance.now() - startedAt < startingSeconds * 1000;
    return {
      status: ready ? "ready" : starting ? "starting" : "degraded",
      release: config.release,
      department_id: config.departmentId,
      checks: {
        token,
        gateway,
        tools: { ok: true, names: [...tools.keys()] },
        voice: { ok: true, detail: "off" },
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

async function attempt(work: Promise<unknown>, timeoutSeconds: number): Promise<Check> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(resolve, timeoutSeconds * 1000, { ok: false, detail: "no answer in time" });
  });
  const told = work.then(
    () => ({ ok: true, detail: "ok" }),
    (error: unknown) => ({ ok: false, detail: problemOf(error).message }),
  );
  return await Promise.race([told, late]).finally(() => clearTimeout(timer));
}
