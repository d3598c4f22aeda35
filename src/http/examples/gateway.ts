import type { Examples } from "./example.ts";
import { earlier, object, person } from "./names.ts";

const limit = { kind: "pair", hits: 60, window_seconds: 60 };

export const gateway: Examples = {
  askDepartment: {
    body: {
      target_department_id: "hr",
      query_type: "search_documents",
      query_params: { query: "holiday policy", limit: 5 },
      reason: "A customer asks who is away in May.",
    },
    answers: {
      200: {
        success: true,
        results: [{ id: object, name: "Holiday policy", folder: "Policies", rank: 0.62, snippet: "30 days" }],
        results_count: 1,
        query_id: object,
        truncated: false,
      },
    },
  },
  explainQuestion: {
    answers: {
      200: {
        query_id: object,
        events: [
          {
            at: earlier,
            query_type: "search_documents",
            decision: "allowed",
            why: "grant",
            grant_id: object,
            limit: null,
            reason: "A customer asks who is away in May.",
            source_department_id: "sales",
            target_department_id: "hr",
            asked_by: person,
            requester_context: { channel: "voice" },
            params_sha256: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
          },
        ],
      },
    },
  },
  listLimits: { answers: { 200: { items: [limit] } } },
  setLimit: { body: { hits: 60, window_seconds: 60 }, answers: { 200: limit } },
};
