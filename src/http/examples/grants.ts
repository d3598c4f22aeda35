import { type Examples, page } from "./example.ts";
import { earlier, later, object, person } from "./names.ts";

const requested = {
  id: object,
  source_department_id: "sales",
  target_department_id: "hr",
  permission: "search",
  resource: "documents",
  status: "requested",
  reason: "Sales has to know who is away.",
  expires_in_days: 30,
  limit: null,
  created_at: earlier,
  lapses_at: "2026-12-02T08:15:30.000Z",
  approved_at: null,
  expires_at: null,
  ended_at: null,
  ended_reason: null,
  requested_by: person,
  approved_by: null,
};
const approved = {
  ...requested,
  status: "approved",
  limit: { hits: 100, window_seconds: 3600 },
  approved_at: later,
  expires_at: "2026-12-02T08:15:42.000Z",
  approved_by: person,
};
const ended = { ended_at: later, ended_reason: "The project is over." };

export const grants: Examples = {
  listGrants: { answers: { 200: page(approved) } },
  requestGrant: {
    body: {
      source_department_id: "sales",
      target_department_id: "hr",
      permission: "search",
      resource: "documents",
      reason: "Sales has to know who is away.",
      expires_in_days: 30,
    },
    answers: { 201: requested },
  },
  showGrant: { answers: { 200: approved } },
  approveGrant: {
    body: { expires_in_days: 30, limit: { hits: 100, window_seconds: 3600 } },
    answers: { 200: approved },
  },
  rejectGrant: {
    body: { reason: "The project is over." },
    answers: { 200: { ...requested, status: "rejected", ...ended } },
  },
  revokeGrant: {
    body: { reason: "The project is over." },
    answers: { 200: { ...approved, status: "revoked", ...ended } },
  },
};
