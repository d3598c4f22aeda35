import { type Examples, page } from "./example.ts";
import { earlier, later, object, session } from "./names.ts";

const upserted = { 200: { inserted: 1, updated: 0 } };
const conversation = {
  id: session,
  room: "lobby",
  participant: "ann",
  channel: "voice",
  started_at: earlier,
  ended_at: later,
  end_reason: "hung up",
};
const kept = { type: "call", key: "caller", value: { name: "Ann" }, expires_at: later };

export const data: Examples = {
  upsertDocuments: {
    body: {
      items: [
        {
          external_id: "1",
          name: "Holiday policy",
          folder: "Policies",
          text: "30 days, to be taken by March.",
        },
      ],
    },
    answers: upserted,
  },
  upsertContacts: {
    body: {
      items: [{ external_id: "7", name: "Ann Example", email: "ann@example.com", title: "Recruiter" }],
    },
    answers: upserted,
  },
  upsertEmails: {
    body: {
      items: [
        {
          external_id: "m-1",
          sender: "ann@example.com",
          recipients: ["hr@example.com"],
          subject: "Holiday in May",
          text: "May I take the second week?",
          sent_at: earlier,
        },
      ],
    },
    answers: upserted,
  },
  upsertEvents: {
    body: { items: [{ external_id: "e-1", title: "Interview", starts_at: earlier, ends_at: later }] },
    answers: upserted,
  },
  upsertSessions: {
    body: { items: [{ id: session, room: "lobby", participant: "ann", started_at: earlier }] },
    answers: upserted,
  },
  listSessions: { answers: { 200: page(conversation) } },
  showSession: {
    answers: {
      200: {
        ...conversation,
        messages: [
          {
            id: object,
            role: "user",
            text: "How much holiday do I have?",
            tokens: 7,
            latency_ms: null,
            created_at: earlier,
          },
        ],
        tool_calls: [
          {
            call_id: "c-1",
            tool: "database",
            parameters: { query: "holiday" },
            status: "COMPLETED",
            result: { days: 30 },
            error: null,
            voice_response: "You have 30 days.",
            duration_ms: 120,
            created_at: earlier,
            finished_at: later,
          },
        ],
        truncated: false,
      },
    },
  },
  upsertMessages: {
    body: { items: [{ id: object, session_id: session, role: "user", text: "How much holiday do I have?" }] },
    answers: upserted,
  },
  upsertToolCalls: {
    body: {
      items: [
        {
          call_id: "c-1",
          tool: "database",
          session_id: session,
          parameters: { query: "holiday" },
          status: "EXECUTING",
        },
      ],
    },
    answers: upserted,
  },
  searchMemory: {
    answers: {
      200: {
        items: [
          {
            id: object,
            category: "preference",
            content: "Ann likes short answers.",
            importance: 5,
            session_id: session,
            updated_at: earlier,
          },
        ],
      },
    },
  },
  putMemory: {
    body: { category: "preference", content: "Ann likes short answers.", importance: 5 },
    answers: { 200: { id: object } },
  },
  readContext: { answers: { 200: { items: [kept] } } },
  putContext: { body: { value: { name: "Ann" }, ttl_seconds: 3600 }, answers: { 200: kept } },
};
