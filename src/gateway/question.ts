import { z } from "zod";

const wordsMax = 50;
/** A search costs by its words: a few dozen are a question, hundreds are a flood. */
const words = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .refine((text) => text.split(/\s+/).length <= wordsMax, `has more than ${wordsMax} words`);
const instant = z.iso.datetime({ offset: true });
const label = z.string().min(1).max(1000);
const page = { limit: z.int().min(1).max(50).optional(), offset: z.int().min(0).max(10_000).optional() };
const span = { from: instant.optional(), until: instant.optional() };

/** What each kind of question may say; the named queries in templates/schema take these and nothing else. */
const params = {
  search_documents: z.strictObject({
    query: words,
    folder: label.optional(),
    mime_type: label.optional(),
    source: label.optional(),
    ...page,
  }),
  get_document: z.strictObject({ id: z.uuid(), text_offset: z.int().min(0).max(10_000_000).optional() }),
  search_contacts: z
    .strictObject({ query: words.optional(), email: z.string().min(1).max(320).optional(), ...page })
    .refine(
      (value) => (value.query === undefined) !== (value.email === undefined),
      "needs either query or email",
    ),
  get_contact: z.strictObject({ id: z.uuid() }),
  search_emails: z.strictObject({
    query: words,
    sender: z.string().min(1).max(320).optional(),
    ...span,
    ...page,
  }),
  list_events: z.strictObject({ ...span, after_id: z.uuid().optional(), limit: page.limit }),
  aggregate_documents: z.strictObject({
    group_by: z.enum(["folder", "mime_type", "source", "extraction", "month"]).optional(),
    ...page,
  }),
  aggregate_activity: z.strictObject({
    ...span,
    bucket: z.enum(["day", "week", "month"]).optional(),
    limit: page.limit,
  }),
};

export type QueryType = keyof typeof params;

const common = {
  /** Id or slug; one's own needs no grant. */
  target_department_id: z.string().min(1).max(64),
  reason: z.string().trim().min(1).max(500),
  requester_context: z
    .strictObject({
      session_id: z.string().max(200).optional(),
      user: z.string().max(320).optional(),
      channel: z.string().max(50).optional(),
    })
    .optional(),
};

const kind = <T extends QueryType>(type: T) =>
  z.strictObject({ ...common, query_type: z.literal(type), query_params: params[type] });

/** The body of a cross-department question; `query_params` are checked by `query_type`. */
export const question = z.discriminatedUnion("query_type", [
  kind("search_documents"),
  kind("get_document"),
  kind("search_contacts"),
  kind("get_contact"),
  kind("search_emails"),
  kind("list_events"),
  kind("aggregate_documents"),
  kind("aggregate_activity"),
]);
export type Question = z.infer<typeof question>;

export const answer = z.object({
  success: z.literal(true),
  results: z.array(z.record(z.string(), z.json())),
  results_count: z.int(),
  query_id: z.uuid(),
  truncated: z.boolean(),
});
export type Answer = z.infer<typeof answer>;
