import type { Context } from "hono";
import { recentQueries } from "../../gateway/recent-queries.ts";
import { departmentParam } from "../../http/params.ts";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import { consoleCtx, consoleFactory } from "../env.ts";
import { renderPage } from "../render-page.tsx";

const shown = 50;

export const getQueries = consoleFactory.createHandlers(async (c) => {
  const name = departmentParam(c as Context);
  const queries = await recentQueries(consoleCtx(c), name, { limit: shown });
  return renderPage(
    c,
    { title: `Recent queries of ${name}`, current: "/" },
    <>
      <p>
        <a href={`/departments/${name}`}>Back to the department</a>
      </p>
      <Table
        caption="What it asked and was asked, the newest first"
        columns={["At", "From", "To", "Kind", "Decision", "Reason"]}
        empty="There was none."
      >
        {queries.map((query) => (
          <tr>
            <td>
              <Time at={query.at} />
            </td>
            <td>{query.source_department_id}</td>
            <td>{query.target_department_id ?? "–"}</td>
            <td>{query.query_type}</td>
            <td>
              <Status of={query.decision} />
            </td>
            <td>{query.reason}</td>
          </tr>
        ))}
      </Table>
    </>,
  );
});
