import { explainQuestion, type Explanation } from "../../gateway/explain.ts";
import { type ConsolePage, idOf } from "../parts/page.ts";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { Table } from "../components/table.tsx";

const words: Record<Explanation["events"][number]["why"], string> = {
  grant: "a grant allows it",
  own_department: "it asked its own data",
  no_grant: "no grant allows it",
  limit: "a limit was reached",
};

/** How one question between departments was decided, and why. */
export const questionPage: ConsolePage = {
  path: "/audit/questions/:id",
  access: { callers: "own", scope: "audit:read" },
  async show(ctx, asked) {
    const id = idOf(asked);
    const { events } = await explainQuestion(ctx, id);
    const body = (
      <>
        <p>
          Question <code>{id}</code>
        </p>
        <Table
          caption="Decisions"
          head={["When", "Asked for", "Source", "Target", "Decision", "Why", "Grant or limit"]}
          empty="Nothing was decided."
          rows={events.map((event) => [
            <Time at={event.at} />,
            event.query_type,
            event.source_department_id ?? "–",
            event.target_department_id ?? "–",
            <Status of={event.decision} />,
            words[event.why] + (event.reason === null ? "" : ` (${event.reason})`),
            event.grant_id === null ? (event.limit ?? "–") : <code>{event.grant_id}</code>,
          ])}
        />
      </>
    );
    return { title: "Why a question was decided so", body };
  },
};
