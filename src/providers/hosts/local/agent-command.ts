import { join } from "node:path";

export interface AgentCommand {
  argv: string[];
  /** An empty place: Bun reads `.env` and `bunfig.toml` from where it starts. */
  directory: string;
}

/** How the agent of templates/agent is started on this machine, by the Bun that runs us. */
export function agentCommand(): AgentCommand {
  const directory = join(import.meta.dir, "../../../../templates/agent");
  const argv = [process.execPath, "--smol", "--no-install", "--no-env-file", join(directory, "main.ts")];
  return { argv: [...dieWithParent(), ...argv], directory };
}

/** On Linux the kernel ends the agent when its supervisor is gone, however that went. */
function dieWithParent(): string[] {
  const setpriv = process.platform === "linux" ? Bun.which("setpriv", { PATH: "/usr/bin:/bin" }) : null;
  if (!setpriv) return [];
  const prefix = [setpriv, "--pdeathsig", "SIGTERM", "--no-new-privs", "--"];
  const { success } = Bun.spawnSync([...prefix, process.execPath, "--version"], {
    stdout: "ignore",
    stderr: "ignore",
  });
  return success ? prefix : [];
}
