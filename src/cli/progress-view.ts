import type { Client } from "../client/client.ts";
import type { JsonObject } from "../json.ts";
import { printLine } from "./print.ts";

interface StepView {
  name: string;
  status: string;
  duration_ms: number | null;
  waits_for: string | null;
  reason: string | null;
  error: { code: string; message: string } | null;
}

const marks: Record<string, string> = {
  pending: "·", running: "▸", waiting: "…", done: "✓", failed: "✗", skipped: "–", undoing: "↩", undone: "↶",
}; // prettier-ignore

const barWidth = 24;

/** Follows a run to its end and shows a bar per step; answers the last state of the run. */
export async function watchRun(
  client: Client,
  runId: string,
  label: string,
  json: boolean,
): Promise<JsonObject> {
  const view = createProgressView(label, process.stdout.isTTY && !json);
  for (;;) {
    try {
      for await (const event of client.events(`/provision-status/${runId}/events`)) {
        if (json) process.stdout.write(`${JSON.stringify({ event: event.event, ...event.data })}\n`);
        else view.show(event.event, event.data);
        if (event.event === "done") return event.data;
      }
    } catch {
      // A web process may restart while we watch: the run goes on, so we ask again.
    }
    const state = await client.get(`/provision-status/${runId}`);
    if (isOver(state)) return state;
    await Bun.sleep(300);
  }
}

/** On a terminal the lines of a run are drawn anew at each change; elsewhere each change is a line of its own. */
export function createProgressView(label: string, redraw: boolean) {
  let steps: StepView[] = [];
  let drawn = 0;
  const draw = (percent: number) => {
    if (drawn > 0) process.stdout.write(`\x1b[${drawn}A\x1b[J`);
    const lines = [`${label}  ${bar(percent)} ${String(percent).padStart(3)} %`, ...steps.map(stepLine)];
    process.stdout.write(`${lines.join("\n")}\n`);
    drawn = lines.length;
  };
  return {
    show(event: string, data: JsonObject) {
      const percent = Number(data["percent"] ?? 0);
      if (event !== "step") {
        steps = stepsOf(data);
        if (redraw) draw(percent);
        else if (event === "status") printLine(`${label}  ${String(data["run_status"])}  ${percent} %`);
        return;
      }
      const changed = stepOf(data);
      steps = steps.map((step) => (step.name === changed.name ? changed : step));
      if (redraw) draw(percent);
      else if (changed.status !== "running") printLine(`${label}${stepLine(changed)}`);
    },
  };
}

const isOver = (state: JsonObject) =>
  ["succeeded", "failed", "rolled_back", "cancelled"].includes(String(state["run_status"]));

function bar(percent: number): string {
  const full = Math.round((percent / 100) * barWidth);
  return "█".repeat(full) + "░".repeat(barWidth - full);
}

function stepLine(step: StepView): string {
  const time = step.duration_ms === null ? "" : `${(step.duration_ms / 1000).toFixed(2)} s`;
  const note = step.error?.message ?? step.reason ?? step.waits_for ?? "";
  return `  ${marks[step.status] ?? "?"} ${step.name.padEnd(20)}${step.status.padEnd(9)}${time.padStart(8)}  ${note}`.trimEnd();
}

function stepsOf(data: JsonObject): StepView[] {
  const { steps } = data;
  return Array.isArray(steps) ? steps.map((step) => stepOf(step as JsonObject)) : [];
}

function stepOf(data: JsonObject): StepView {
  const text = (name: string) => (typeof data[name] === "string" ? data[name] : null);
  const { error } = data;
  const failed = error !== null && typeof error === "object" && !Array.isArray(error);
  return {
    name: text("name") ?? "",
    status: text("status") ?? "",
    duration_ms: typeof data["duration_ms"] === "number" ? data["duration_ms"] : null,
    waits_for: text("waits_for"),
    reason: text("reason"),
    error: failed ? { code: String(error["code"]), message: String(error["message"]) } : null,
  };
}
