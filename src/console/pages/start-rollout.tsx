import { rolloutInput, startRollout } from "../../rollouts/start.ts";
import { ActionForm, Choice, Field } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import { type Asked, type ConsoleAction, numberOf, readFields } from "../parts/page.ts";

/** The form that brings departments to a release. */
export function StartForm({ release, isUnproven }: { release: string; isUnproven: boolean }) {
  return (
    <section aria-labelledby="start">
      <h2 id="start">Roll it out</h2>
      <ActionForm
        action="/rollouts"
        button="Start a rollout"
        command={`${fed("rollout", "start", release)} [--batch-size n] [--failures-max n] [--gate-seconds n]`}
      >
        <input type="hidden" name="release" value={release} />
        <Field label="Departments at a time" name="batch_size" type="number" min={1} max={100} value="10" />
        <Field
          label="How many may fail before it stops"
          name="failures_max"
          type="number"
          min={0}
          max={10_000}
          value="0"
        />
        <Field
          label="Seconds that a batch has to stay well"
          name="gate_seconds"
          type="number"
          min={0}
          max={86_400}
          value="60"
        />
        <Choice label="When it stops, put back" name="rollback" options={["failed", "all"]} />
        <Field label="Departments, with commas (empty: everybody)" name="departments" />
        {isUnproven ? (
          <Field label="Why production gets what was not proven" name="unproven_reason" required />
        ) : null}
      </ActionForm>
    </section>
  );
}

export const startActions: ConsoleAction[] = [
  {
    path: "/rollouts",
    access: { callers: "platform", scope: "runs:write" },
    question: ({ fields }) => ({
      title: `Bring ${fields["departments"] || "every department"} to ${fields["release"] ?? "this release"}?`,
      text: "Their agents start anew, batch by batch; where too many fail it stops and puts back what failed.",
      button: "Yes, start it",
      command: commandOf(fields),
    }),
    async act(ctx, { fields }) {
      const { release, rollback, unproven_reason } = fields;
      const input = readFields(rolloutInput, {
        release,
        rollback,
        unproven_reason,
        batch_size: numberOf(fields["batch_size"]),
        failures_max: numberOf(fields["failures_max"]),
        gate_seconds: numberOf(fields["gate_seconds"]),
        departments: departmentsOf(fields),
      });
      const rollout = await startRollout(ctx, input);
      return { message: `The rollout of ${rollout.release} has begun.`, location: `/rollouts/${rollout.id}` };
    },
  },
];

function departmentsOf(fields: Asked["fields"]): string[] | undefined {
  const named = (fields["departments"] ?? "").split(/[\s,]+/).filter((name) => name !== "");
  return named.length === 0 ? undefined : named;
}

function commandOf(fields: Asked["fields"]): string {
  const numbers = ["batch_size", "failures_max", "gate_seconds", "rollback"].flatMap((name) =>
    fields[name] ? [`--${name.replace("_", "-")}`, fields[name]] : [],
  );
  const named = departmentsOf(fields)?.flatMap((name) => ["--department", name]) ?? [];
  const why = fields["unproven_reason"];
  return fed(
    "rollout",
    "start",
    fields["release"] ?? "",
    ...numbers,
    ...named,
    ...(why ? ["--unproven", why] : []),
  );
}
