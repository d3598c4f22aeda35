// Runs on plain Node: installs what is missing, then becomes Bun. `start` installs production dependencies only.
// While the stamp in node_modules matches package-lock.json nothing is installed and the network left alone.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const stampFile = join(modules, ".federation-stamp");

const commands = {
  start: { mode: "prod", args: ["src/cli/main.ts", "up"] },
  test: { mode: "dev", args: ["test/run.ts"] },
  ...Object.fromEntries(
    ["long", "n8n", "docker", "railway", "voice", "ansible", "browser"].map((suite) => [
      `test:${suite}`,
      { mode: "dev", args: ["test/run.ts", `--suite=${suite}`] },
    ]),
  ),
  check: { mode: "dev", args: ["test/check.ts"] },
};

const [name = "start", ...rest] = process.argv.slice(2);
const { mode, args } = commands[name] ?? { mode: "prod", args: ["src/cli/main.ts", name] };
process.chdir(root);
if (Number.parseInt(process.versions.node) < 20) fail(`Node 20 is needed, this is ${process.version}.`);
if (!isInstalled(mode)) await install(mode);
const bun = findBun() ?? fail("Bun is missing. Remove the folder node_modules and try again.");
process.exit(await run(bun, [...args, ...rest]));

function stamp(mode) {
  const lock = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
  return `${mode} ${process.platform}-${process.arch} ${lock}`;
}

function isInstalled(mode) {
  const found = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";
  return found === stamp("dev") || found === stamp(mode);
}

/** `npm ci` empties the folder first; what a running `start` has loaded must stay when only tools are added. */
function npmArguments(mode) {
  if (mode === "prod") return ["ci", "--omit=dev"];
  return [...(isInstalled("prod") ? ["install", "--no-save"] : ["ci"]), "--include=dev"];
}

async function install(mode) {
  process.stderr.write(`Installing ${mode === "prod" ? "" : "development "}dependencies ...\n`);
  // pg-boss and others name a newer Node than ours: they run on Bun, so only errors are worth a line.
  const code = process.versions.bun
    ? await run(process.execPath, ["install", "--no-save", ...(mode === "prod" ? ["--production"] : [])])
    : await run("npm", [...npmArguments(mode), "--loglevel=error", "--no-audit", "--no-fund"]);
  if (code !== 0) fail(`The installation failed (exit code ${code}). Its message is above.`);
  writeFileSync(stampFile, stamp(mode));
}

/** Bun's postinstall moves the binary next to its package; where scripts are off it is still in the platform's. */
function findBun() {
  const platforms = existsSync(join(modules, "@oven")) ? readdirSync(join(modules, "@oven")) : [];
  const candidates = ["bun/bin/bun.exe", ...platforms.map((name) => `@oven/${name}/bin/bun`)];
  return candidates
    .map((path) => join(modules, path))
    .find((file) => spawnSync(file, ["--version"], { stdio: "ignore" }).status === 0);
}

/** Exit code of a child that shares our terminal. */
function run(command, args) {
  const child = spawn(command, args, { stdio: "inherit" });
  // Ctrl-C reaches the whole group by itself, and npm repeats it: a signal is passed on once, and only without a terminal.
  const inTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    let passed = signal === "SIGINT" && inTerminal;
    process.on(signal, () => (passed ||= child.kill(signal)));
  }
  return new Promise((resolve) => {
    child.on("error", (error) => fail(`${command} cannot be started: ${error.message}`));
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
