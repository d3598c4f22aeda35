import type { AlertRule } from "../rule.ts";

/** An API key that is in use ends soon, and nothing renews it by itself. */
export const keyExpiring: AlertRule = {
  name: "key_expiring",
  find: ({ expiringKeys }) =>
    expiringKeys.map(({ id, name, departmentId, owner, hoursLeft }) => ({
      subject: id,
      departmentId: departmentId ?? undefined,
      severity: "warning",
      summary: `The API key ${name} of ${owner} ends in ${leftOf(hoursLeft)}; alerted from 14 days on. Put another one in its place. See docs/guides/rotate.md.`,
    })),
};

const leftOf = (hours: number) => (hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} days`);
