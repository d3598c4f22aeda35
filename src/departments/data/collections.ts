import { z } from "zod";
import { batchOf, instant } from "./batch.ts";

const text = (max: number) => z.string().max(max);
const identity = { source: text(100).min(1).default("api"), external_id: text(500).min(1) };

const document = z
  .strictObject({
    ...identity,
    folder: text(1000).default(""),
    name: text(500).min(1),
    mime_type: text(255).default("text/plain"),
    bytes: z.int().min(0).default(0),
    url: text(2000).nullable().default(null),
    text: text(1_000_000).default(""),
    analysis: z.record(z.string().max(200), z.json()).default({}),
    extraction: z.enum(["pending", "done", "failed", "unsupported"]).default("done"),
    extraction_error: text(1000).nullable().default(null),
    modified_at: instant.nullable().default(null),
  })
  .refine((item) => (item.extraction === "failed") === (item.extraction_error !== null), {
    path: ["extraction_error"],
    message: "belongs to a failed extraction, and to no other",
  });

const contact = z.strictObject({
  ...identity,
  name: text(300).min(1),
  email: text(320).nullable().default(null),
  phone: text(60).nullable().default(null),
  organisation: text(300).nullable().default(null),
  title: text(300).nullable().default(null),
  address: text(1000).nullable().default(null),
  notes: text(20_000).nullable().default(null),
});

const email = z.strictObject({
  ...identity,
  thread_id: text(500).nullable().default(null),
  sender: text(320).min(1),
  recipients: z.array(text(320)).max(500).default([]),
  subject: text(2000).default(""),
  text: text(1_000_000).default(""),
  sent_at: instant,
  labels: z.array(text(200)).max(100).default([]),
});

const event = z
  .strictObject({
    ...identity,
    title: text(1000).min(1),
    description: text(100_000).nullable().default(null),
    location: text(1000).nullable().default(null),
    organiser: text(320).nullable().default(null),
    attendees: z.array(text(320)).max(1000).default([]),
    status: z.enum(["confirmed", "tentative", "cancelled"]).default("confirmed"),
    all_day: z.boolean().default(false),
    starts_at: instant,
    ends_at: instant,
  })
  .refine((item) => Date.parse(item.ends_at) >= Date.parse(item.starts_at), {
    path: ["ends_at"],
    message: "is before starts_at",
  });

interface Identified {
  source: string;
  external_id: string;
}

const batch = <T extends z.ZodType<Identified>>(item: T) =>
  batchOf(item, "external_id", (one) => JSON.stringify([one.source, one.external_id]));

export const batches = {
  documents: batch(document),
  contacts: batch(contact),
  emails: batch(email),
  events: batch(event),
};
export type CollectionName = keyof typeof batches;

/** Table and columns with their types: the only names that ever become SQL. */
export const collections: Record<CollectionName, { table: string; columns: Record<string, string> }> = {
  documents: {
    table: "document",
    columns: {
      ...{
        source: "text",
        external_id: "text",
        folder: "text",
        name: "text",
        mime_type: "text",
        bytes: "bigint",
      },
      ...{ url: "text", text: "text", analysis: "jsonb", extraction: "text", extraction_error: "text" },
      modified_at: "timestamptz",
    },
  },
  contacts: {
    table: "contact",
    columns: {
      ...{
        source: "text",
        external_id: "text",
        name: "text",
        email: "text",
        phone: "text",
        organisation: "text",
      },
      ...{ title: "text", address: "text", notes: "text" },
    },
  },
  emails: {
    table: "email",
    columns: {
      ...{ source: "text", external_id: "text", thread_id: "text", sender: "text", recipients: "text[]" },
      ...{ subject: "text", text: "text", sent_at: "timestamptz", labels: "text[]" },
    },
  },
  events: {
    table: "calendar_event",
    columns: {
      ...{ source: "text", external_id: "text", title: "text", description: "text", location: "text" },
      ...{ organiser: "text", attendees: "text[]", status: "text", all_day: "boolean" },
      ...{ starts_at: "timestamptz", ends_at: "timestamptz" },
    },
  },
};
