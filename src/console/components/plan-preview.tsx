import type { planDepartment } from "../../departments/plan.ts";
import { Table } from "./table.tsx";

/** What provisioning would do, before it is done. */
export function PlanPreview({ plan }: { plan: Awaited<ReturnType<typeof planDepartment>> }) {
  const { month_micro_usd, prices_as_of } = plan.cost_per_month;
  return (
    <section class="said" role="status" aria-label="Plan">
      <h2>{plan.possible ? "This would be done" : "This is not possible"}</h2>
      <ul>
        {plan.checks.map((check) => (
          <li class={check.ok ? "" : "wrong"}>
            {check.ok ? "Fits: " : "Does not fit: "}
            {check.name}: {check.detail}
          </li>
        ))}
      </ul>
      <p>
        On {plan.host}, {(month_micro_usd / 1_000_000).toFixed(2)} USD a month are expected at prices of{" "}
        {prices_as_of}. Steps: {plan.steps.map(({ name }) => name).join(", ")}.
      </p>
      <Table
        caption="Resources"
        head={["Where", "Kind", "Name"]}
        empty="None."
        rows={plan.resources.map(({ provider, kind, name }) => [provider, kind, name])}
      />
      {plan.skipped.map(({ step, reason }) => (
        <p class="hint">
          {step} is left out: {reason}.
        </p>
      ))}
    </section>
  );
}
