import { listCallBudgets } from "../../call-budgets/list.ts";
import { Command } from "../components/command.tsx";
import { Time } from "../components/time.tsx";
import type { ConsolePage } from "../parts/page.ts";
import { Table } from "../components/table.tsx";

/** What is left of the calls to providers, and who stands in line for them. */
export const budgetsPage: ConsolePage = {
  path: "/budgets",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx) {
    const budgets = await listCallBudgets(ctx);
    const body = (
      <>
        <Table
          caption="Budgets of calls to providers"
          head={["Budget", "Left at the last call", "Last call", "Blocked until", "In line", "Longest wait"]}
          empty="No provider was called yet."
          rows={budgets.map((budget) => [
            budget.name,
            budget.tokens.toFixed(1),
            <Time at={budget.refilled_at} />,
            <Time at={budget.blocked_until} />,
            String(budget.waiting),
            `${budget.longest_wait_seconds.toFixed(1)} s`,
          ])}
        />
        <Command>fed budgets</Command>
      </>
    );
    return { title: "Budgets", body };
  },
};
