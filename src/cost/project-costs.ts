import type { Estimate, Projection } from "./cost-view.ts";
import { estimateDepartment } from "./estimate-department.ts";
import { usdOf } from "./money.ts";
import type { PriceBook } from "./price-book.ts";

const counts = [10, 50, 100, 500];
const searchedMax = 100_000;

/** What standard departments cost on Railway and on one's own machines, and from how many on the latter cost less. */
export function projectCosts(book: PriceBook): Projection {
  const { cpu, memory_mb: memoryMb, replicas, n8n } = book.standard_department;
  const of = (host: "railway" | "docker") =>
    estimateDepartment(book, { host, cpus: cpu, memoryMb, replicas, n8n, voice: true });
  const [railway, machines] = [of("railway"), of("docker")];
  const fixed = fixedOf(book);
  const at = (departments: number) => ({
    departments,
    railway_micro_usd: fixed.railway_micro_usd + departments * railway.month_micro_usd,
    machines_micro_usd: fixed.machines_micro_usd + departments * machines.month_micro_usd,
  });
  const isCheaper = (departments: number) => {
    const point = at(departments);
    return point.machines_micro_usd < point.railway_micro_usd;
  };
  return {
    prices_as_of: book.as_of,
    per_department: { railway, machines },
    fixed,
    points: counts.map(at),
    break_even_departments: firstWhere(isCheaper),
    drivers: `Railway: ${largestOf(railway)}. Own machines: ${largestOf(machines)}; once for all of them $${usdOf(
      fixed.machines_micro_usd,
    )}, of which people $${usdOf(fixed.machines_people_micro_usd)}, which is what the break-even depends on.`,
  };
}

function fixedOf({ railway, machines, fixed }: PriceBook): Projection["fixed"] {
  const people = (hours: number) => Math.round(hours * fixed.people_usd_per_hour);
  const { memory_gb, cpu, volume_gb, people_hours_per_month } = fixed.railway;
  const platform =
    railway.plan.usd +
    memory_gb * railway.memory.usd +
    cpu * railway.cpu.usd +
    volume_gb * railway.volume.usd;
  const own = fixed.machines.node * machines.node.usd + fixed.machines.small * machines.small.usd;
  const ownPeople = people(fixed.machines.people_hours_per_month);
  return {
    railway_micro_usd: Math.round(platform) + people(people_hours_per_month),
    machines_micro_usd: own + ownPeople,
    machines_people_micro_usd: ownPeople,
  };
}

/** By halving: both are straight lines, so once one is cheaper it stays so. */
function firstWhere(holds: (count: number) => boolean): number | null {
  if (!holds(searchedMax)) return null;
  let [low, high] = [0, searchedMax];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function largestOf({ lines, month_micro_usd: sum }: Estimate): string {
  const [first, second] = lines.toSorted((a, b) => b.month_micro_usd - a.month_micro_usd);
  const part = (line: typeof first) =>
    line && `${line.what} (${Math.round((100 * line.month_micro_usd) / Math.max(1, sum))} %)`;
  return [part(first), part(second)].filter(Boolean).join(" and ");
}
