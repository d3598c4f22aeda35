import { recentQueries } from "../../gateway/recent-queries.ts";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import { type ConsolePage, departmentOf } from "../parts/page.ts";

const shown = 50;

/** What a department asked others and was asked, with the decisions; the look is on record. */
export const queriesPage: ConsolePage = {
  path: "/departments/:id/queries",
  access: { callers: "own", scope: "audit:read" },
  async show(ctx, asked) {
    const name = departmentOf(asked);
    const queries = await recentQueries(ctx, name, { limit: shown });
    const body = (
      <>
        <p>
          <a href={`/departments/${name}`}>Back to the department</a>
        </p>
        <Table
          caption="What it asked and was asked, the newest first"
          head={["At", "From", "To", "Kind", "Decision", "Reason"]}
          empty="There was none."
          rows={queries.map((query) => [
            <Time at={query.at} />,
            query.source_department_id,
            query.target_department_id ?? "–",
            query.query_type,
            <Status of={query.decision} />,
            query.reason,
          ])}
        />
      </>
    );
    return { title: `Recent queries of ${name}`, body };
  },
};
