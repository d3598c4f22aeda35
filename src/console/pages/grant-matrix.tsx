import type { GrantView } from "../../grants/grant.ts";
import { Table } from "../components/table.tsx";

const open = (grant: GrantView) => grant.status === "approved" || grant.status === "requested";

/** Sources against targets, of what is open or asked for. */
export function GrantMatrix({ grants }: { grants: readonly GrantView[] }) {
  const shown = grants.filter(open);
  if (shown.length === 0) return <p class="empty">No grant is open or asked for.</p>;
  const sources = [...new Set(shown.map((grant) => grant.source_department_id))].toSorted();
  const targets = [...new Set(shown.map((grant) => grant.target_department_id))].toSorted();
  const between = (source: string, target: string) =>
    shown.filter((grant) => grant.source_department_id === source && grant.target_department_id === target);
  return (
    <Table
      caption="Who may ask whom"
      head={["Source \\ target", ...targets]}
      empty=""
      rows={sources.map((source) => [
        source,
        ...targets.map((target) => <Cell grants={between(source, target)} />),
      ])}
    />
  );
}

function Cell({ grants }: { grants: readonly GrantView[] }) {
  if (grants.length === 0) return <span>–</span>;
  return (
    <ul>
      {grants.map((grant) => (
        <li>
          <a href={`#grant-${grant.id}`}>
            {grant.permission} {grant.resource}: {grant.status}
          </a>
        </li>
      ))}
    </ul>
  );
}
