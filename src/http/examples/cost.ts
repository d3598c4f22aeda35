import type { Examples } from "./example.ts";

/** 0.01 USD a line: small enough to be read at a glance. */
export const estimate = {
  host: "railway",
  prices_as_of: "2026-11-28",
  lines: [
    {
      what: "memory",
      group: "hosting",
      quantity: 0.5,
      unit: "GB month",
      price_micro_usd: 10000000,
      month_micro_usd: 5000000,
    },
    {
      what: "speech to text",
      group: "speech",
      quantity: 2100,
      unit: "minute",
      price_micro_usd: 5900,
      month_micro_usd: 12390000,
    },
  ],
  month_micro_usd: 17390000,
};
const metered = {
  from: "2026-11-01",
  to: "2026-11-28",
  days: 27,
  vcpu_minutes: 1900.5,
  memory_gb_minutes: 19440,
  egress_gb: 1.2,
  disk_gb_minutes: 0,
  hosting_micro_usd: 4400000,
};
const department = { department_id: "hr", estimate, actual: metered };

export const cost: Examples = {
  showCost: {
    answers: {
      200: {
        departments: [department],
        month_micro_usd: 17390000,
        projection: {
          prices_as_of: "2026-11-28",
          per_department: { railway: estimate, machines: { ...estimate, host: "docker" } },
          fixed: {
            railway_micro_usd: 20000000,
            machines_micro_usd: 90000000,
            machines_people_micro_usd: 400000000,
          },
          points: [{ departments: 10, railway_micro_usd: 193900000, machines_micro_usd: 614000000 }],
          break_even_departments: 240,
          drivers: "Speech is most of it.",
        },
      },
    },
  },
  showDepartmentCost: { answers: { 200: department } },
};
