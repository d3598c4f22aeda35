import { askForDrift } from "../../drift/ask-for-drift.ts";
import { listDrift } from "../../drift/list-drift.ts";
import { showDrift } from "../../drift/show-drift.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { departmentParam } from "../params.ts";
import { queryString } from "../validate.ts";
import { drift, driftAsked, driftSummary } from "../views/drift.ts";

const tag = "Departments";

export const getDriftList = factory.createHandlers(
  operation({
    id: "listDrift",
    summary: "Lists by department whether the last look found it as it should be",
    tag,
    answers: { 200: pageOf(driftSummary) },
  }),
  queryString(pageQuery),
  async (c) => c.json(await listDrift(ctxOf(c), c.req.valid("query"))),
);

export const getDrift = factory.createHandlers(
  operation({
    id: "showDrift",
    summary: "Shows what the last look found that is not as it should be: workflows, host, database",
    tag,
    answers: { 200: drift },
  }),
  async (c) => c.json(await showDrift(ctxOf(c), departmentParam(c))),
);

export const postDrift = factory.createHandlers(
  operation({ id: "lookForDrift", summary: "Asks for a look now", tag, answers: { 202: driftAsked } }),
  async (c) => c.json(await askForDrift(ctxOf(c), departmentParam(c)), 202),
);
