import type { RunView } from "../../provisioning/list-runs.ts";
import { Status } from "./status.tsx";
import { Table } from "./table.tsx";
import { Time } from "./time.tsx";

/** Runs, each with where it is. */
export function RunTable({ runs }: { runs: readonly RunView[] }) {
  return (
    <Table
      caption="Runs"
      head={["Run", "Department", "Status", "Begun", "Ended"]}
      empty="There was no run yet."
      rows={runs.map((run) => [
        <a href={`/runs/${run.id}`}>
          {run.kind} {run.id.slice(-6)}
        </a>,
        <a href={`/departments/${run.department}`}>{run.department_id}</a>,
        <>
          <Status of={run.status} /> {run.error_code !== null && <code>{run.error_code}</code>}
        </>,
        <Time at={run.created_at} />,
        <Time at={run.finished_at} />,
      ])}
    />
  );
}
