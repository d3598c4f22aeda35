import { type Examples, page } from "./example.ts";
import { accepted, earlier, hr, later, object, person } from "./names.ts";

const requested = {
  id: object,
  action: "deprovision",
  target: hr,
  department_id: "hr",
  fingerprint: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  requested_by: person,
  reason: null,
  change: null,
  status: "requested",
  approved_by: null,
  rejected_by: null,
  created_at: earlier,
  expires_at: "2026-11-03T08:15:30.000Z",
  decided_at: null,
  used_at: null,
};

export const safety: Examples = {
  lockdown: {
    body: { reason: "laptop stolen, ticket 123" },
    answers: {
      202: {
        ...accepted("suspended"),
        locked_at: later,
        reason: "laptop stolen, ticket 123",
        keys_revoked: 3,
        grants_revoked: 1,
      },
    },
  },
  unlock: {
    body: { reason: "new laptop" },
    answers: {
      202: { ...accepted("unlocking"), note: "Keys and grants of before stay revoked." },
    },
  },
  listApprovals: {
    answers: {
      200: page({
        ...requested,
        action: "config-change",
        change: {
          from_version: 2,
          changes: [{ path: "custom_config.voice", change: "changed", from: "alto", to: "tenor" }],
        },
      }),
    },
  },
  approve: {
    answers: { 200: { ...requested, status: "approved", approved_by: object, decided_at: later } },
  },
  rejectApproval: {
    body: { reason: "Sales still needs it." },
    answers: {
      200: {
        ...requested,
        status: "rejected",
        rejected_by: object,
        decided_at: later,
        reason: "Sales still needs it.",
      },
    },
  },
};
