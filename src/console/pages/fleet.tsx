import { z } from "zod";
import { monthlyEstimates } from "../../cost/monthly-estimates.ts";
import { type OverviewRow, overviewDepartments } from "../../departments/overview.ts";
import { departmentStatuses } from "../../departments/resolve.ts";
import { hostNames } from "../../providers/hosts/host.ts";
import { Choice } from "../components/action-form.tsx";
import { dollars } from "../components/dollars.ts";
import { NextPage } from "../components/next-page.tsx";
import { Sparkline } from "../components/sparkline.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { type ConsolePage, readFields } from "../parts/page.ts";

const rowsMax = 100;

const query = z.object({
  search: z.string().trim().max(100).optional(),
  status: z.enum(departmentStatuses).optional(),
  host: z.enum(hostNames).optional(),
  cursor: z.string().max(200).optional(),
});
type Query = z.infer<typeof query>;

/** Every department: how it is and was, what it runs and is expected to cost. */
export const fleetPage: ConsolePage = {
  path: "/",
  access: { callers: "own", scope: "departments:read" },
  async show(ctx, { fields }) {
    const asked = readFields(query, fields);
    const { items, next_cursor } = await overviewDepartments(ctx, { ...asked, limit: rowsMax });
    const costs = await monthlyEstimates(
      ctx,
      items.map(({ id }) => id),
    );
    const body = (
      <>
        <Filters {...asked} />
        <Table
          caption={captionOf(items, costs)}
          head={[
            "Department",
            "Status",
            "Health",
            "Last 24 hours",
            "Alerts",
            "Host",
            "Release",
            "Cost a month",
          ]}
          empty="No department fits."
          rows={items.map((row) => rowOf(row, costs.get(row.id)))}
        />
        <NextPage path="/" query={asked} cursor={next_cursor} />
      </>
    );
    return { title: "Fleet", body };
  },
};

function captionOf(items: readonly OverviewRow[], costs: ReadonlyMap<string, number>): string {
  const sum = [...costs.values()].reduce((total, cost) => total + cost, 0);
  return `${items.length} departments, ${dollars(sum)} a month expected`;
}

function rowOf(row: OverviewRow, cost: number | undefined) {
  return [
    <a href={`/departments/${row.department_id}`}>{row.name}</a>,
    <Status of={row.locked_at === null ? row.status : "locked"} />,
    <Status of={row.health} />,
    <Sparkline history={row.history} />,
    row.alerts > 0 ? <strong>{row.alerts}</strong> : "0",
    row.host,
    shortRelease(row.release),
    cost === undefined ? "–" : dollars(cost),
  ];
}

/** An image by its last part; of a digest, the beginning. */
function shortRelease(release: string): string {
  const last = release.split("/").at(-1) ?? release;
  return last.replace(/@sha256:([0-9a-f]{12})[0-9a-f]*$/, "@$1").slice(0, 40);
}

function Filters({ search, status, host }: Query) {
  return (
    <form method="get" action="/" class="filters" role="search">
      <label>
        Name
        <input name="search" type="search" value={search} maxlength={100} />
      </label>
      <Choice name="status" label="Status" value={status} options={["", ...departmentStatuses]} />
      <Choice name="host" label="Host" value={host} options={["", ...hostNames]} />
      <button type="submit">Show</button>
    </form>
  );
}
