import { chartOf } from "../../cost/chart.ts";
import { costView, departmentCostView, type DepartmentCost, type Projection } from "../../cost/cost-view.ts";
import { usdOf } from "../../cost/money.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

export const cost: Command = {
  name: "cost",
  synopsis: "[department] [--projection]",
  summary: "what departments cost in a month, and what more of them would on Railway or machines of your own",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["[department]"], { projection: { type: "boolean" } });
    const client = await connect(config);
    const [department] = positionals;
    if (department !== undefined) {
      const answer = await client.get(`/departments/${encodeURIComponent(department)}/cost`);
      if (json) printJson(answer);
      else printDepartment(departmentCostView.parse(answer));
      return exitCodes.ok;
    }
    const answer = costView.parse(await client.get("/cost"));
    if (json) printJson(values.projection ? answer.projection : answer);
    else if (values.projection) printProjection(answer.projection);
    else {
      printTable(["department", "host", "estimate USD", "metered USD"], answer.departments.map(rowOf));
      printLine(`together $${usdOf(answer.month_micro_usd)} a month`);
    }
    return exitCodes.ok;
  },
};

const rowOf = ({ department_id, estimate, actual }: DepartmentCost) => [
  department_id,
  estimate.host,
  usdOf(estimate.month_micro_usd),
  actual?.hosting_micro_usd == null ? null : `${usdOf(actual.hosting_micro_usd)} in ${actual.days} days`,
];

function printDepartment({ department_id, estimate, actual }: DepartmentCost): void {
  printTable(
    ["what", "quantity", "unit", "price", "USD a month"],
    estimate.lines.map((line) => [
      line.what,
      Math.round(line.quantity * 1000) / 1000,
      line.unit,
      line.price_micro_usd / 1_000_000,
      usdOf(line.month_micro_usd),
    ]),
  );
  const { host, month_micro_usd, prices_as_of } = estimate;
  printLine(
    `${department_id} on ${host}: $${usdOf(month_micro_usd)} a month by the prices of ${prices_as_of}`,
  );
  if (actual?.hosting_micro_usd == null) printLine("metered this month: nothing");
  else printLine(`metered ${actual.from} to ${actual.to}: hosting $${usdOf(actual.hosting_micro_usd)}`);
}

function printProjection(projection: Projection): void {
  const { points, per_department: each, break_even_departments: even } = projection;
  printTable(
    ["departments", "Railway USD", "each", "own machines USD", "each"],
    points.map(({ departments, railway_micro_usd: railway, machines_micro_usd: machines }) => [
      departments,
      usdOf(railway),
      usdOf(railway / departments),
      usdOf(machines),
      usdOf(machines / departments),
    ]),
  );
  printLine("");
  printLine(
    `One more department: Railway $${usdOf(each.railway.month_micro_usd)}, own machines $${usdOf(
      each.machines.month_micro_usd,
    )} a month. Break-even: ${even === null ? "never" : `${even} departments`}.`,
  );
  printLine(projection.drivers);
  printLine("");
  printChart(projection);
}

const barMax = 50;

/** USD per department and month, everything included: R Railway, M machines of one's own. */
function printChart(projection: Projection): void {
  const points = chartOf(projection);
  const most = Math.max(...points.flatMap(({ railway, machines }) => [railway, machines]), 1);
  printLine("USD per department and month, everything included (R Railway, M own machines)");
  const bar = (value: number) => "█".repeat(Math.max(1, Math.round((barMax * value) / most)));
  for (const { departments, railway, machines } of points) {
    printLine(`${String(departments).padStart(5)} R ${bar(railway)} ${railway}`);
    printLine(`      M ${bar(machines)} ${machines}`);
  }
}
