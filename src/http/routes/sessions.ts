import type { z } from "zod";
import type { Ctx } from "../../context.ts";
import { listSessions } from "../../departments/data/list-sessions.ts";
import { messageBatch } from "../../departments/data/message.ts";
import { sessionBatch, sessionDetail, sessionView } from "../../departments/data/session.ts";
import { showSession } from "../../departments/data/show-session.ts";
import { toolCallBatch } from "../../departments/data/tool-call.ts";
import { upsertMessages } from "../../departments/data/upsert-messages.ts";
import { upsertSessions } from "../../departments/data/upsert-sessions.ts";
import { upsertToolCalls } from "../../departments/data/upsert-tool-calls.ts";
import { type Upserted, upserted } from "../../departments/data/upserted.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { departmentParam, idParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "Data";

const putRecords = <T extends object>(
  id: string,
  summary: string,
  schema: z.ZodType<{ items: T[] }, { items: object[] }>,
  verb: (ctx: Ctx, department: string, items: T[]) => Promise<Upserted>,
) =>
  factory.createHandlers(
    operation({ id, summary, tag, answers: { 200: upserted } }),
    jsonBody(schema),
    async (c) => c.json(await verb(ctxOf(c), departmentParam(c), c.req.valid("json").items)),
  );

export const putSessions = putRecords(
  "upsertSessions",
  "Opens up to 500 conversations, or says how they ended",
  sessionBatch,
  upsertSessions,
);
export const putMessages = putRecords(
  "upsertMessages",
  "Adds or replaces up to 500 messages of conversations by id",
  messageBatch,
  upsertMessages,
);
export const putToolCalls = putRecords(
  "upsertToolCalls",
  "Adds up to 500 calls of tools, or says how they ended; the first end counts",
  toolCallBatch,
  upsertToolCalls,
);

export const getSessions = factory.createHandlers(
  operation({
    id: "listSessions",
    summary: "Lists the department's conversations, newest first",
    tag,
    answers: { 200: pageOf(sessionView) },
  }),
  queryString(pageQuery),
  async (c) => c.json(await listSessions(ctxOf(c), departmentParam(c), c.req.valid("query"))),
);

export const getSession = factory.createHandlers(
  operation({
    id: "showSession",
    summary: "Shows a conversation with its messages and calls of tools",
    tag,
    answers: { 200: sessionDetail },
  }),
  async (c) => c.json(await showSession(ctxOf(c), departmentParam(c), idParam(c, "session_id"))),
);
