import type { GrantView } from "../../grants/grant.ts";

const open = (grant: GrantView) => grant.status === "approved" || grant.status === "requested";

/** Sources against targets, of what is open or asked for. */
export function GrantMatrix({ grants }: { grants: readonly GrantView[] }) {
  const shown = grants.filter(open);
  if (shown.length === 0) return <p class="empty">No grant is open or asked for.</p>;
  const sources = [...new Set(shown.map((grant) => grant.source_department_id))].toSorted();
  const targets = [...new Set(shown.map((grant) => grant.target_department_id))].toSorted();
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Who may ask whom">
      <table class="matrix">
        <caption>Who may ask whom</caption>
        <thead>
          <tr>
            <th scope="col">Source \ target</th>
            {targets.map((target) => (
              <th scope="col">{target}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <tr>
              <th scope="row">{source}</th>
              {targets.map((target) => (
                <td>
                  <Cell
                    grants={shown.filter(
                      (grant) =>
                        grant.source_department_id === source && grant.target_department_id === target,
                    )}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
