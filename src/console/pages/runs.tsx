import { listRuns } from "../../provisioning/list-runs.ts";
import { NextPage } from "../components/next-page.tsx";
import { RunTable } from "../components/run-table.tsx";
import type { ConsolePage } from "../parts/page.ts";

/** What was begun with departments, the newest first. */
export const runsPage: ConsolePage = {
  path: "/runs",
  access: { callers: "own", scope: "departments:read" },
  async show(ctx, { fields }) {
    const cursor = fields["cursor"] || undefined;
    const { items, next_cursor } = await listRuns(ctx, { limit: 50, cursor });
    const body = (
      <>
        <RunTable runs={items} />
        <NextPage path="/runs" query={{}} cursor={next_cursor} />
      </>
    );
    return { title: "Runs", body };
  },
};
