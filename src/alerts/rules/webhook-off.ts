import type { AlertRule } from "../rule.ts";

const reasons = { gone: "it answered 410", failing: "it failed for five days" };

/** We stopped calling an endpoint that somebody counts on. */
export const webhookOff: AlertRule = {
  name: "webhook_off",
  find: ({ endpointsOff }) =>
    endpointsOff.map(({ id, departmentId, host, reason }) => ({
      subject: id,
      departmentId: departmentId ?? undefined,
      severity: "warning",
      summary: `The webhook endpoint ${id} at ${host} is switched off: ${reasons[reason]}. Repair the receiver and switch it on, or remove it. See docs/guides/notifications.md.`,
    })),
};
