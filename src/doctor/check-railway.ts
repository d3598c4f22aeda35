import type { Config } from "../config.ts";
import { inspectToken, type TokenFinding } from "../providers/railway/inspect-token.ts";
import { RailwayError } from "../providers/railway/railway-error.ts";
import type { Diagnosis, Patient } from "./diagnosis.ts";

const timeoutSeconds = 20;
const tokenRemedy = "Make a workspace token in Railway's dashboard and give it to the worker alone.";

/** Whether departments that run on Railway can: the worker's tokens, what they reach, and what its machines need of us. */
export async function checkRailway({ config, process }: Patient): Promise<Diagnosis[]> {
  if (!config.hosts.includes("railway")) return [];
  if (process === "web") return checkOurs(config);
  const { problem, tokens, workspaces } = config.railway;
  if (problem) return [{ level: "error", what: problem, remedy: tokenRemedy }];
  const found = await Promise.all(tokens.map((_, at) => checkToken(config, at)));
  const reached = new Set(found.flatMap(({ ids }) => ids));
  const missing = workspaces.filter((id) => !reached.has(id));
  // Who was not asked may reach them.
  const isKnown = found.every(({ wasAsked }) => wasAsked);
  return [
    ...found.flatMap(({ diagnoses }) => diagnoses),
    ...(isKnown ? missing.map((id) => unreached(id, [...reached])) : []),
    ...checkOurs(config),
  ];
}

interface TokenCheck {
  diagnoses: Diagnosis[];
  /** Of the workspaces it reaches. */
  ids: string[];
  wasAsked: boolean;
}

async function checkToken({ railway }: Readonly<Config>, at: number): Promise<TokenCheck> {
  const name = railway.tokens.length > 1 ? `token ${at + 1} of RAILWAY_API_TOKEN` : "RAILWAY_API_TOKEN";
  const token = railway.tokens[at];
  if (!token) return { diagnoses: [], ids: [], wasAsked: true };
  const by = { endpoint: railway.endpoint, timeoutSeconds };
  try {
    const finding = await inspectToken(by, token, new AbortController().signal);
    const ids = finding.kind === "accepted" ? finding.workspaces.map(({ id }) => id) : [];
    return { diagnoses: judge(name, finding, railway.callsPerHour), ids, wasAsked: true };
  } catch (error) {
    const why = error instanceof RailwayError ? error.message : "its answer cannot be read.";
    const remedy =
      "Can this machine reach RAILWAY_ENDPOINT? https://status.railway.com says if Railway is down.";
    return { diagnoses: [{ level: "warning", what: `${name}: ${why}`, remedy }], ids: [], wasAsked: false };
  }
}

const makeOne =
  "Make a workspace token, or an account token for several workspaces, on https://railway.com/account/tokens and set it as RAILWAY_API_TOKEN.";

function judge(name: string, finding: TokenFinding, callsPerHour: number): Diagnosis[] {
  if (finding.kind === "project_token")
    return [{ level: "error", what: `${name} is a project token, which makes no projects`, remedy: makeOne }];
  if (finding.kind === "not_accepted")
    return [
      { level: "error", what: `${name} is not accepted by Railway: unknown or revoked`, remedy: makeOne },
    ];
  const { workspaces, callsPerHour: limit } = finding;
  if (workspaces.length === 0)
    return [{ level: "error", what: `${name} reaches no workspace`, remedy: makeOne }];
  const names = workspaces.map(({ id, name: title }) => `${title} (${id})`).join(", ");
  const accepted: Diagnosis = { level: "ok", what: `${name} reaches ${names}` };
  if (limit === undefined || limit >= callsPerHour) return [accepted];
  const what = `Railway gives ${name} ${limit} calls an hour, not ${callsPerHour}`;
  const remedy = `Set RAILWAY_CALLS_PER_HOUR=${limit}, and RAILWAY_CALLS_PER_SECOND to that of the plan.`;
  return [accepted, { level: "warning", what, remedy }];
}

const unreached = (id: string, reached: string[]): Diagnosis => ({
  level: "error",
  what: `RAILWAY_WORKSPACES: no token reaches ${id}`,
  remedy: `Name ids that a token reaches (${reached.join(", ") || "none"}), or add a token of that workspace.`,
});

/** What agents over there need from here. */
function checkOurs({ publicUrl, agentImage }: Readonly<Config>): Diagnosis[] {
  const found: Diagnosis[] = [];
  if (isOwn(new URL(publicUrl).hostname))
    found.push({
      level: "error",
      what: `PUBLIC_URL is ${publicUrl}, which agents on Railway cannot reach`,
      remedy: "Set it to the address that the internet reaches web by.",
    });
  if (agentImage !== undefined && !agentImage.includes("/"))
    found.push({
      level: "warning",
      what: `AGENT_IMAGE is ${agentImage}, which names no registry`,
      remedy: "Railway pulls images: push it, and name it as registry.example/agent:1 or by digest.",
    });
  return found;
}

const isOwn = (hostname: string) =>
  hostname === "localhost" || hostname.startsWith("127.") || hostname === "[::1]" || hostname === "0.0.0.0";
