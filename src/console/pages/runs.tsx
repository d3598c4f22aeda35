import { z } from "zod";
import { listRuns, type RunView } from "../../provisioning/list-runs.ts";
import { NextPage } from "../components/next-page.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import { consoleCtx, consoleFactory } from "../env.ts";
import { readQuery } from "../read-query.ts";
import { renderPage } from "../render-page.tsx";

const query = z.object({ cursor: z.string().max(200).optional() });

export const getRuns = consoleFactory.createHandlers(async (c) => {
  const { items, next_cursor } = await listRuns(consoleCtx(c), { ...readQuery(c, query), limit: 50 });
  return renderPage(
    c,
    { title: "Runs", current: "/runs" },
    <>
      <RunTable runs={items} />
      <NextPage path="/runs" query={{}} cursor={next_cursor} />
    </>,
  );
});

export function RunTable({ runs }: { runs: readonly RunView[] }) {
  return (
    <Table
      caption="Runs"
      columns={["Run", "Department", "Status", "Begun", "Ended"]}
      empty="There was no run yet."
    >
      {runs.map((run) => (
        <tr>
          <th scope="row">
            <a href={`/runs/${run.id}`}>
              {run.kind} {run.id.slice(-6)}
            </a>
          </th>
          <td>
            <a href={`/departments/${run.department}`}>{run.department_id}</a>
          </td>
          <td>
            <Status of={run.status} /> {run.error_code !== null && <code>{run.error_code}</code>}
          </td>
          <td>
            <Time at={run.created_at} />
          </td>
          <td>
            <Time at={run.finished_at} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
