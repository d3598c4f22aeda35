import { FederationError } from "../../errors.ts";
import { serverEnvironment } from "./cluster.ts";
import type { Binaries } from "./find-binaries.ts";

/**
 * Answers what goes before a Postgres command so that it runs as root too and ends with this process.
 * Throws `embedded_postgres_unusable`.
 */
export async function wrapCommand(binaries: Binaries, log: (message: string) => void): Promise<string[]> {
  const wrapper = [...asOrdinaryUser(), ...endingWithOwner(log)];
  const probe = Bun.spawn([...wrapper, binaries.postgres, "--version"], {
    env: serverEnvironment,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const [complaint, exitCode] = await Promise.all([probe.stderr.text(), probe.exited]);
  if (exitCode !== 0) throw unusable(complaint);
  return wrapper;
}

const isLinux = process.platform === "linux";

/** Postgres refuses root and a user without a name; in a user namespace either is somebody else, without an account. */
function asOrdinaryUser(): string[] {
  if (!isLinux || (process.getuid?.() !== 0 && hasName())) return [];
  const unshare = Bun.which("unshare");
  if (!unshare) throw unusable("unshare (util-linux) is not installed");
  return [unshare, "--user", "--map-user=65534", "--map-group=65534", "--"];
}

/** Asks the system: Bun's `userInfo` answers from the environment. */
const hasName = () => Bun.spawnSync(["id", "-un"]).exitCode === 0;

function endingWithOwner(log: (message: string) => void): string[] {
  const setpriv = isLinux ? Bun.which("setpriv") : null;
  if (!setpriv) {
    log(
      "without setpriv (Linux) the embedded Postgres outlives a kill -9 of this process; the next start adopts it",
    );
    return [];
  }
  // An owner that died before the signal was set up sends none, so look who the parent is afterwards.
  const guard = ["/bin/sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"', String(process.pid)];
  return [setpriv, "--pdeathsig", "SIGINT", "--", ...guard];
}

const unusable = (cause: string) =>
  new FederationError(
    "embedded_postgres_unusable",
    `The embedded Postgres cannot run here (${cause.trim().split("\n")[0] || "no reason given"}): set DATABASE_URL to a server of your own, or start as an ordinary user who may read this folder.`,
    { cause },
  );
