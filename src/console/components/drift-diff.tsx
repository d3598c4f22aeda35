import type { DriftReport } from "../../drift/drift-report.ts";
import { Table } from "./table.tsx";
import { Changes } from "./changes.tsx";

/** What one look found, part by part. */
export function DriftDiff({ drift }: { drift: DriftReport }) {
  return (
    <>
      <Workflows drift={drift} />
      {drift.host.length > 0 && (
        <Table
          caption="At the host"
          head={["What", "Name", "Change", "As it should be", "As it is"]}
          empty=""
          rows={drift.host.map(({ part, name, change, wanted = "", found = "" }) => [
            part,
            name,
            change,
            <code>{wanted}</code>,
            <code>{found}</code>,
          ])}
        />
      )}
      <Lines title="In the database" lines={drift.database} />
      <Lines
        title="Could not be looked at"
        lines={drift.unknown.map(({ part, message }) => `${part}: ${message}`)}
      />
    </>
  );
}

function Workflows({ drift: { workflows, credentials, leftovers, foreign } }: { drift: DriftReport }) {
  const off = workflows.filter(({ problems }) => problems.length > 0);
  const rows = [
    ...off.map(({ name, problems }) => [name, problems.join(", ").replaceAll("_", " ")]),
    ...credentials
      .filter(({ problems }) => problems.length > 0)
      .map(({ name, problems }) => [name, `credential ${problems.join(", ")}`]),
    ...leftovers.map(({ name, kind }) => [name, `${kind} that is not wanted`]),
    ...foreign.map(({ name, path }) => [name, `somebody else's, on the path ${path}`]),
  ];
  if (rows.length === 0) return null;
  return (
    <>
      <Table caption="In n8n" head={["Name", "Problem"]} empty="" rows={rows} />
      {off.map(
        ({ name, changes }) =>
          changes.length > 0 && <Changes caption={`Changes of ${name}`} changes={changes} />,
      )}
    </>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h2>{title}</h2>
      <ul>
        {lines.map((line) => (
          <li>{line}</li>
        ))}
      </ul>
    </>
  );
}
