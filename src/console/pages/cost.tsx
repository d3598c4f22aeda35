import type { DepartmentCost } from "../../cost/cost-view.ts";
import { chartOf } from "../../cost/chart.ts";
import { showCost } from "../../cost/show-cost.ts";
import { Command } from "../components/command.tsx";
import { dollars } from "../components/dollars.ts";
import type { ConsolePage } from "../parts/page.ts";
import { Table } from "../components/table.tsx";
import { CostChart } from "./cost-chart.tsx";

/** What the departments cost in a month, and what more of them would, here or there. */
export const costPage: ConsolePage = {
  path: "/cost",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx) {
    const { departments, month_micro_usd, projection } = await showCost(ctx);
    const chart = chartOf(projection);
    const even = projection.break_even_departments;
    const body = (
      <>
        <p>
          {dollars(month_micro_usd)} a month are expected for {departments.length} departments, at prices of{" "}
          {projection.prices_as_of}.{" "}
          {even === null
            ? "Machines of one's own never cost less."
            : `From ${even} departments on machines of one's own cost less.`}
        </p>
        <CostChart points={chart} />
        <Table
          caption="Per department and month, everything included"
          head={["Departments", "On Railway", "On machines of one's own"]}
          empty=""
          rows={chart.map((point) => [
            String(point.departments),
            `$${point.railway.toFixed(2)}`,
            `$${point.machines.toFixed(2)}`,
          ])}
        />
        <Table
          caption="Departments"
          head={["Department", "Host", "Expected a month", "Hosting metered this month"]}
          empty="There is no department yet."
          rows={departments.map(rowOf)}
        />
        <Command>fed cost --projection</Command>
      </>
    );
    return { title: "Cost", body };
  },
};

function rowOf({ department_id, estimate, actual }: DepartmentCost) {
  const metered = actual?.hosting_micro_usd ?? null;
  return [
    <a href={`/departments/${department_id}`}>{department_id}</a>,
    estimate.host,
    dollars(estimate.month_micro_usd),
    metered === null ? "not metered" : dollars(metered),
  ];
}
