import type { Snapshot, Step } from "./deployment.ts";
import type { InstanceSettings } from "./world.ts";

/**
 * What becomes of a deployment. The name of the image says it: "bad" cannot be started, "unhealthy" never passes its
 * health check, "crash" ends after it went live, "approval" waits for somebody, "slow" takes three times as long.
 */
export function planSteps(
  { image, repo }: Pick<Snapshot, "image" | "repo">,
  settings: InstanceSettings,
  { from, seconds, msOf }: { from: number; seconds: number; msOf(seconds: number): number },
  isApproved = false,
): Step[] {
  const name = (image ?? repo ?? "").replace(/@sha256:.*$/, "");
  if (name.includes("approval") && !isApproved) return [{ status: "NEEDS_APPROVAL", at: from }];
  const wholeMs = msOf(seconds) * (name.includes("slow") ? 3 : 1);
  const at = (part: number) => from + wholeMs * part;
  const begun: Step[] = [
    { status: "QUEUED", at: from },
    { status: "INITIALIZING", at: at(0.05) },
    ...(image === null ? [{ status: "BUILDING" as const, at: at(0.1) }] : []),
  ];
  if (name.includes("bad")) return [...begun, { status: "FAILED", at: at(0.4) }];
  const deploying: Step[] = [...begun, { status: "DEPLOYING", at: at(image === null ? 0.6 : 0.1) }];
  if (name.includes("unhealthy") && settings.healthcheckPath) {
    const failedAt = at(0.6) + msOf(settings.healthcheckTimeout ?? healthcheckSeconds);
    return [...deploying, { status: "FAILED", at: failedAt }];
  }
  return [...deploying, ...stepsOnceLive(name, settings, at(1), msOf)];
}

/** From a success on, with the name of the image or repository. */
export function stepsOnceLive(
  name: string,
  { sleepApplication }: InstanceSettings,
  at: number,
  msOf: (seconds: number) => number,
): Step[] {
  const live: Step = { status: "SUCCESS", at };
  if (name.includes("crash")) return [live, { status: "CRASHED", at: at + msOf(crashSeconds) }];
  if (sleepApplication) return [live, { status: "SLEEPING", at: at + msOf(idleSeconds) }];
  return [live];
}

const healthcheckSeconds = 300;
const crashSeconds = 20;
/** Without a request, until an application that may sleep does. */
const idleSeconds = 600;
