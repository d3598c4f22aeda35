// What `test/run.ts` can run. `default` is `npm test`; the others have a command each, and need more than Postgres.
import { cpus } from "node:os";
import { join } from "node:path";

export interface Prepared {
  /** Set for the tests. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

export interface Suite {
  paths: readonly string[];
  parallel: number;
  testSeconds: number;
  suiteSeconds: number;
  /** Starts what the suite needs; a text says why it cannot be run here. */
  prepare?(): Promise<Prepared | string>;
}

const asItIs: Prepared = { environment: {}, stop: () => Promise.resolve() };
const root = join(import.meta.dir, "..");
const tools = join(root, "../shared/tools");

export const suites = {
  default: {
    paths: [],
    parallel: Math.min(4, cpus().length),
    testSeconds: 60,
    suiteSeconds: 24 * 60,
  },
  // A long file uses the whole machine by itself.
  long: { paths: ["test/long/"], parallel: 1, testSeconds: 600, suiteSeconds: 40 * 60 },
  n8n: {
    paths: ["test/n8n/"],
    parallel: 1,
    testSeconds: 300,
    suiteSeconds: 20 * 60,
    prepare: () => startTool("n8n", ["N8N_BASE_URL", "N8N_API_KEY"]),
  },
  docker: {
    paths: ["test/docker/", "test/voice/image.test.ts"],
    parallel: 1,
    testSeconds: 600,
    suiteSeconds: 30 * 60,
    prepare: () => installAgent().then(startEngine),
  },
  // In the account of whoever has the token: one project, which is removed.
  railway: {
    paths: ["test/railway-live/"],
    parallel: 1,
    testSeconds: 20 * 60,
    suiteSeconds: 40 * 60,
    prepare: () => Promise.resolve(askedForRailway()),
  },
  // It boots machines, applies templates/ansible to them twice, and looks at what they then do.
  ansible: {
    paths: ["test/ansible/"],
    parallel: 1,
    testSeconds: 120,
    suiteSeconds: 14 * 60,
    prepare: findAnsible,
  },
  // The console as people see it, in Debian's Chromium.
  browser: {
    paths: ["test/browser/"],
    parallel: 1,
    testSeconds: 120,
    suiteSeconds: 10 * 60,
    prepare: () => Promise.resolve(findChromium()),
  },
  voice: {
    paths: ["test/voice/conversation.test.ts", "test/voice/worker.test.ts"],
    parallel: 1,
    testSeconds: 120,
    suiteSeconds: 10 * 60,
    prepare: () => installAgent().then(() => asItIs),
  },
} as const satisfies Record<string, Suite>;

export type SuiteName = keyof typeof suites;

function askedForRailway(): Prepared | string {
  if (!process.env["RAILWAY_API_TOKEN"])
    return "RAILWAY_API_TOKEN is not set, an account or workspace token in whose first workspace a project may be made";
  return { ...asItIs, environment: { TEST_RAILWAY_LIVE: "asked for" } };
}

/** The real part that these variables name, or one that the tool starts; one that runs already is left running. */
async function startTool(name: string, variables: readonly string[]): Promise<Prepared | string> {
  if (variables.every((variable) => process.env[variable])) return asItIs;
  const tool = join(tools, name);
  if (!(await Bun.file(tool).exists()))
    return `${variables.join(" and ")} are not set, and there is no ${name} here`;
  const wasUp = (await run([tool, "status"])).exitCode === 0;
  const started = await run([tool, "start"]);
  if (started.exitCode !== 0) throw new Error(`${name} does not start: ${started.output.trim().slice(-500)}`);
  const lines = started.output.split("\n").map((line) => /^([A-Z0-9_]+)=(.*)$/.exec(line));
  const environment = Object.fromEntries(
    lines.flatMap((line) => (line ? [[line[1] ?? "", line[2] ?? ""]] : [])),
  );
  return { environment, stop: async () => void (wasUp || (await run([tool, "stop"]))) };
}

async function startEngine(): Promise<Prepared | string> {
  if (!process.env["DOCKER_HOST"] && process.getuid?.() !== 0) return "an engine of our own needs root";
  return startTool("docker-engine", ["DOCKER_HOST"]);
}

/** Debian's packages that make and set up machines, and a root that may. */
async function findAnsible(): Promise<Prepared | string> {
  const commands = ["ansible-playbook", "ansible-lint", "yamllint", "debootstrap", "systemd-nspawn", "ssh"];
  const missing = commands.filter((command) => Bun.which(command) === null);
  if (missing.length > 0)
    return `${missing.join(", ")} cannot be found: apt-get install ansible ansible-lint yamllint debootstrap systemd-container openssh-client`;
  if (process.getuid?.() !== 0) return "machines that boot need root";
  const namespaces = [
    "unshare",
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "mount",
    "-t",
    "tmpfs",
    "none",
    "/mnt",
  ];
  if ((await run(namespaces)).exitCode !== 0) return "this root may not make namespaces";
  return asItIs;
}

function findChromium(): Prepared | string {
  const path = process.env["CHROMIUM_PATH"] ?? Bun.which("chromium");
  if (!path) return "chromium cannot be found and CHROMIUM_PATH is not set: apt-get install chromium";
  return { ...asItIs, environment: { CHROMIUM_PATH: path } };
}

/** The agent's own packages, which are none of ours, and the types of what uses them. Throws where they do not fit. */
async function installAgent(): Promise<void> {
  const install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const installed = await run(install, join(root, "templates/agent"));
  if (installed.exitCode !== 0) throw new Error("The agent's packages cannot be installed.");
  const checked = await run([process.execPath, "check", "--no-script", "-p", "test/voice"]);
  if (checked.exitCode !== 0)
    throw new Error(`The types of the agent's voice do not fit:\n${checked.output}`);
}

async function run(command: string[], cwd = root): Promise<{ exitCode: number; output: string }> {
  const child = Bun.spawn(command, { cwd, stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const output = await new Response(child.stdout).text();
  return { exitCode: await child.exited, output };
}
