import { listRollouts } from "../../rollouts/list.ts";
import type { RolloutView } from "../../rollouts/rollout.ts";
import { NextPage } from "../components/next-page.tsx";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import type { ConsolePage } from "../parts/page.ts";
import { Table } from "../components/table.tsx";

/** Which releases went where, the newest first. */
export const rolloutsPage: ConsolePage = {
  path: "/rollouts",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx, { fields }) {
    const cursor = fields["cursor"] || undefined;
    const { items, next_cursor } = await listRollouts(ctx, { limit: 50, cursor, newestFirst: true });
    const body = (
      <>
        <Table
          caption="Rollouts, newest first"
          head={["Rollout", "Status", "Batch", "Departments", "Begun", "Ended"]}
          empty="There was no rollout yet."
          rows={items.map(rowOf)}
        />
        <NextPage path="/rollouts" query={fields} cursor={next_cursor} />
        <p>
          One begins on the page of its <a href="/releases">release</a>.
        </p>
      </>
    );
    return { title: "Rollouts", body };
  },
};

function rowOf(rollout: RolloutView) {
  return [
    <a href={`/rollouts/${rollout.id}`}>
      {rollout.release} {rollout.id.slice(-6)}
    </a>,
    <Status of={rollout.status} />,
    `${rollout.batch} of ${rollout.batches}`,
    countsOf(rollout),
    <Time at={rollout.created_at} />,
    <Time at={rollout.finished_at} />,
  ];
}

/** How many departments are where, in words. */
export function countsOf({ departments }: RolloutView): string {
  const counts = Object.entries(departments).filter(([, count]) => count > 0);
  return counts.map(([name, count]) => `${count} ${name.replace("_", " ")}`).join(", ") || "none";
}
