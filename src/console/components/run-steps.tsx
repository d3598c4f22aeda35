import type { Child } from "hono/jsx";
import type { TimelineStep } from "../../provisioning/timeline.ts";
import { Status } from "./status.tsx";
import { Table } from "./table.tsx";

const widthOfAll = 240;

/** The steps of a run on one line of time, each against what it usually takes. */
export function RunSteps({ steps }: { steps: readonly TimelineStep[] }) {
  const ends = steps.map((step) => (step.from_seconds ?? 0) + secondsOf(step));
  const scale = widthOfAll / Math.max(1, ...ends, ...steps.map((step) => step.usual_seconds ?? 0));
  return (
    <section aria-labelledby="steps">
      <h2 id="steps">Steps</h2>
      <Table
        caption="A bar is a step's time, the mark on it what such a step usually takes"
        head={["Step", "Status", "Timeline", "Took", "Usually", "Needs", "Note"]}
        empty="The run has no steps."
        rows={steps.map((step) => cellsOf(step, scale))}
      />
    </section>
  );
}

/** What the script changes has an id. */
function cellsOf(step: TimelineStep, scale: number): Child[] {
  return [
    step.name,
    <>
      <Status id={`step-${step.name}`} of={step.status} />
      {step.attempt > 1 && <span class="hint"> attempt {step.attempt}</span>}
    </>,
    <Bar step={step} scale={scale} />,
    <span id={`time-${step.name}`}>
      {step.duration_ms === null ? "" : inSeconds(step.duration_ms / 1000)}
    </span>,
    step.usual_seconds === null ? "" : inSeconds(step.usual_seconds),
    step.needs.join(", "),
    <span id={`note-${step.name}`}>{step.error?.message ?? step.waits_for ?? step.reason ?? ""}</span>,
  ];
}

/** The table says the same in figures, so the picture is left out for who does not see it. */
function Bar({ step, scale }: { step: TimelineStep; scale: number }) {
  if (step.from_seconds === null) return null;
  const from = step.from_seconds * scale;
  const took = secondsOf(step);
  const usual = step.usual_seconds;
  const isLate = usual !== null && took > usual * 2 + 1;
  return (
    <svg width={widthOfAll} height="14" viewBox={`0 0 ${widthOfAll} 14`} aria-hidden="true">
      <rect
        class={isLate ? "late" : "bar"}
        x={round(from)}
        y="2"
        width={round(Math.max(1, took * scale))}
        height="10"
      />
      {usual !== null && (
        <path class="usual" d={`M${round(Math.min(widthOfAll - 1, from + usual * scale))} 0v14`} />
      )}
    </svg>
  );
}

const secondsOf = (step: TimelineStep) => (step.duration_ms ?? 0) / 1000;
const inSeconds = (seconds: number) => `${seconds.toFixed(1)} s`;
const round = (value: number) => Math.round(value * 10) / 10;
