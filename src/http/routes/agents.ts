import { openedSession, openSession, sessionRequest } from "../../departments/open-session.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { departmentParam } from "../params.ts";
import { jsonBody } from "../validate.ts";

export const postSession = factory.createHandlers(
  operation({
    id: "openSession",
    summary: "Gives a LiveKit token for a room in which the department's agent answers; it is shown once",
    tag: "Agents",
    answers: { 201: openedSession },
    idempotent: true,
  }),
  jsonBody(sessionRequest),
  idempotency(),
  async (c) => c.json(await openSession(ctxOf(c), departmentParam(c), c.req.valid("json")), 201),
);
