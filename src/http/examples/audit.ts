import { type Examples, page } from "./example.ts";
import { earlier, hr, object, person } from "./names.ts";

const event = {
  stream: hr,
  seq: 42,
  at: earlier,
  actor: person,
  actor_kind: "member",
  action: "grant.approve",
  target: object,
  department: hr,
  decision: "done",
  reason: null,
  request_id: object,
  meta: { permission: "search" },
  hash: "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
};

export const audit: Examples = {
  searchAudit: { answers: { 200: page(event) } },
  verifyAudit: {
    answers: { 200: { ok: true, events: 4711, streams: 4, problems: [], gaps: [], checkpoint: 96 } },
  },
};
