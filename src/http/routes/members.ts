import { createMember } from "../../members/create.ts";
import { disableMember } from "../../members/disable.ts";
import { listMembers } from "../../members/list.ts";
import { memberInput, memberView } from "../../members/member.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { idParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "People and keys";

export const getMembers = factory.createHandlers(
  operation({ id: "listMembers", summary: "Lists people", tag, answers: { 200: pageOf(memberView) } }),
  queryString(pageQuery),
  async (c) => c.json(await listMembers(ctxOf(c), c.req.valid("query"))),
);

export const postMember = factory.createHandlers(
  operation({
    id: "createMember",
    summary: "Adds a person",
    tag,
    answers: { 201: memberView },
    idempotent: true,
  }),
  jsonBody(memberInput),
  idempotency(),
  async (c) => c.json(await createMember(ctxOf(c), c.req.valid("json")), 201),
);

export const deleteMember = factory.createHandlers(
  operation({
    id: "disableMember",
    summary: "Ends a person's access and keys within a second everywhere",
    tag,
    answers: { 204: "" },
  }),
  async (c) => {
    await disableMember(ctxOf(c), idParam(c));
    return c.body(null, 204);
  },
);
