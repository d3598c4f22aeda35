import { minutesOf } from "../minutes-of.ts";
import type { AlertRule } from "../rule.ts";

const blockedSecondsMax = 600;

/** A provider keeps us out for more than ten minutes. */
export const providerBlocked: AlertRule = {
  name: "provider_blocked",
  find: ({ blockedBudgets }) =>
    blockedBudgets
      .filter(({ blockedSeconds }) => blockedSeconds > blockedSecondsMax)
      .map(({ name, blockedSeconds }) => ({
        subject: name,
        severity: "warning",
        summary: `The provider keeps us out of the budget ${name} for ${minutesOf(blockedSeconds)}; alerted above 10 min. \`fed budgets\` shows until when. See docs/runbooks/queue-stuck.md.`,
      })),
};
