const good = [
  "active",
  "healthy",
  "succeeded",
  "done",
  "ready",
  "approved",
  "allowed",
  "verified",
  "completed",
  "in_sync",
];
const bad = [
  "failed",
  "unhealthy",
  "rolled_back",
  "denied",
  "revoked",
  "firing",
  "needs_consent",
  "dead",
  "drifted",
  "critical",
  "stopped",
];
const busy = [
  "provisioning",
  "running",
  "queued",
  "waiting",
  "deprovisioning",
  "rolling_back",
  "pending",
  "undoing",
  "upgrading",
  "paused",
  "warning",
];

/** A state in words, with a colour and a sign that say the same. */
export function Status({ of: state, id }: { of: string; id?: string }) {
  return (
    <span id={id} class={`status ${kindOf(state)}`}>
      {state.replaceAll("_", " ")}
    </span>
  );
}

function kindOf(state: string): "good" | "bad" | "busy" | "quiet" {
  if (good.includes(state)) return "good";
  if (bad.includes(state)) return "bad";
  return busy.includes(state) ? "busy" : "quiet";
}
