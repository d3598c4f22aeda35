import type { Config } from "../config.ts";

/** What local agents run: the agent template beside this code. */
const templateRelease = "agent-1";

/** What a new department on this host runs: the reference of an image, or the version of the template. */
export function currentRelease({ agentImage }: Readonly<Config>, host: string): string {
  return host === "local" ? templateRelease : (agentImage ?? templateRelease);
}
