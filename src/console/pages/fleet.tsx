import { z } from "zod";
import { type OverviewRow, overviewDepartments } from "../../departments/overview.ts";
import { departmentStatuses } from "../../departments/resolve.ts";
import { hostNames } from "../../providers/hosts/host.ts";
import { NextPage } from "../components/next-page.tsx";
import { Sparkline } from "../components/sparkline.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { consoleCtx, consoleFactory } from "../env.ts";
import { Choice } from "../parts/action-form.tsx";
import { readQuery } from "../read-query.ts";
import { renderPage } from "../render-page.tsx";

const rowsMax = 100;

const query = z.object({
  search: z.string().trim().max(100).optional(),
  status: z.enum(departmentStatuses).optional(),
  host: z.enum(hostNames).optional(),
  cursor: z.string().max(200).optional(),
});
type Query = z.infer<typeof query>;

export const getFleet = consoleFactory.createHandlers(async (c) => {
  const asked = readQuery(c, query);
  const { items, next_cursor } = await overviewDepartments(consoleCtx(c), { ...asked, limit: rowsMax });
  return renderPage(
    c,
    { title: "Fleet", current: "/" },
    <>
      <Filters {...asked} />
      <Table
        caption={`${items.length} departments`}
        columns={["Department", "Status", "Health", "Last 24 hours", "Alerts", "Host", "Release"]}
        empty="No department fits."
      >
        {items.map((row) => (
          <FleetRow row={row} />
        ))}
      </Table>
      <NextPage path="/" query={asked} cursor={next_cursor} />
    </>,
  );
});

function FleetRow({ row }: { row: OverviewRow }) {
  return (
    <tr>
      <th scope="row">
        <a href={`/departments/${row.department_id}`}>{row.name}</a>
      </th>
      <td>
        <Status of={row.locked_at === null ? row.status : "locked"} />
      </td>
      <td>
        <Status of={row.health} />
      </td>
      <td>
        <Sparkline history={row.history} />
      </td>
      <td>{row.alerts > 0 ? <strong>{row.alerts}</strong> : 0}</td>
      <td>{row.host}</td>
      <td>{shortRelease(row.release)}</td>
    </tr>
  );
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
