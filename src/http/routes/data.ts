import { z } from "zod";
import { type CollectionName, batches } from "../../departments/data/collections.ts";
import { contextEntry, contextPlace, contextQuery, contextValue } from "../../departments/data/context.ts";
import { memoryInput, memoryItem, memoryQuery } from "../../departments/data/memory.ts";
import { putContext } from "../../departments/data/put-context.ts";
import { putMemory } from "../../departments/data/put-memory.ts";
import { readContext } from "../../departments/data/read-context.ts";
import { searchMemory } from "../../departments/data/search-memory.ts";
import { upsertItems } from "../../departments/data/upsert.ts";
import { upserted } from "../../departments/data/upserted.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { departmentParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "Data";

const putItems = (name: CollectionName, id: string) => {
  const schema: z.ZodType<{ items: object[] }, { items: object[] }> = batches[name];
  return factory.createHandlers(
    operation({
      id,
      summary: `Adds or replaces up to 500 ${name} by external id`,
      tag,
      answers: { 200: upserted },
    }),
    jsonBody(schema),
    async (c) => c.json(await upsertItems(ctxOf(c), departmentParam(c), name, c.req.valid("json").items)),
  );
};

export const putDocuments = putItems("documents", "upsertDocuments");
export const putContacts = putItems("contacts", "upsertContacts");
export const putEmails = putItems("emails", "upsertEmails");
export const putEvents = putItems("events", "upsertEvents");

export const getMemory = factory.createHandlers(
  operation({
    id: "searchMemory",
    summary: "Shows what the assistant remembers",
    tag,
    answers: { 200: z.object({ items: z.array(memoryItem) }) },
  }),
  queryString(memoryQuery),
  async (c) => c.json({ items: await searchMemory(ctxOf(c), departmentParam(c), c.req.valid("query")) }),
);

export const putMemoryRoute = factory.createHandlers(
  operation({
    id: "putMemory",
    summary: "Adds or replaces a memory",
    tag,
    answers: { 200: z.object({ id: z.uuid() }) },
  }),
  jsonBody(memoryInput),
  async (c) => c.json(await putMemory(ctxOf(c), departmentParam(c), c.req.valid("json"))),
);

export const getContext = factory.createHandlers(
  operation({
    id: "readContext",
    summary: "Shows what is kept in mind for a session",
    tag,
    answers: { 200: z.object({ items: z.array(contextEntry) }) },
  }),
  queryString(contextQuery),
  async (c) => c.json({ items: await readContext(ctxOf(c), departmentParam(c), c.req.valid("query")) }),
);

export const putContextRoute = factory.createHandlers(
  operation({
    id: "putContext",
    summary: "Keeps a value in mind for a session, or for none",
    tag,
    answers: { 200: contextEntry },
  }),
  queryString(contextPlace),
  jsonBody(contextValue),
  async (c) => {
    const place = c.req.valid("query");
    return c.json(await putContext(ctxOf(c), departmentParam(c), place, c.req.valid("json")));
  },
);
