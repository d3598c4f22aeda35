import { type DriftSummary, listDrift } from "../../drift/list-drift.ts";
import { Command } from "../components/command.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import type { ConsolePage } from "../parts/page.ts";
import { Table } from "../components/table.tsx";

/** By department, whether the last look found it as it should be. */
export const driftPage: ConsolePage = {
  path: "/drift",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx, { fields }) {
    const cursor = fields["cursor"] || undefined;
    const { items, next_cursor } = await listDrift(ctx, { limit: 100, cursor });
    const body = (
      <>
        <Table
          caption="What differs from what it should be"
          head={["Department", "State", "Differs", "Not known", "Last look", "Since"]}
          empty="There is no department yet."
          rows={items.map(rowOf)}
        />
        <NextPage path="/drift" query={fields} cursor={next_cursor} />
        <Command>fed drift</Command>
      </>
    );
    return { title: "Drift", body };
  },
};

function rowOf(summary: DriftSummary) {
  return [
    <a href={`/departments/${summary.department_id}/drift`}>{summary.department_id}</a>,
    <Status of={syncOf(summary.in_sync)} />,
    summary.drifted.join(", ") || "–",
    summary.unknown.join(", ") || "–",
    <Time at={summary.checked_at} />,
    <Time at={summary.found_at} />,
  ];
}

/** Whether it is as it should be, in a word. */
export const syncOf = (inSync: boolean | null): string =>
  inSync === null ? "unknown" : inSync ? "in_sync" : "drifted";
