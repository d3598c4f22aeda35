import { z } from "zod";
import { askForCheck } from "../../health/ask-for-check.ts";
import { listChecks } from "../../health/list-checks.ts";
import { listHealth } from "../../health/list-health.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { departmentParam } from "../params.ts";
import { queryString } from "../validate.ts";
import { checkAsked, healthSummary, pastChecks } from "../views/health.ts";

const tag = "Departments";

const historyQuery = z.strictObject({
  before: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const getHealthList = factory.createHandlers(
  operation({
    id: "listHealth",
    summary: "Lists how every department is by the workers' last look at it",
    tag,
    answers: { 200: pageOf(healthSummary) },
  }),
  queryString(pageQuery),
  async (c) => c.json(await listHealth(ctxOf(c), c.req.valid("query"))),
);

export const getHealthHistory = factory.createHandlers(
  operation({
    id: "listHealthChecks",
    summary: "Lists the looks at a department of the last 30 days, newest first",
    tag,
    answers: { 200: pastChecks },
  }),
  queryString(historyQuery),
  async (c) => c.json({ items: await listChecks(ctxOf(c), departmentParam(c), c.req.valid("query")) }),
);

export const postCheck = factory.createHandlers(
  operation({ id: "checkHealth", summary: "Asks for a look now", tag, answers: { 202: checkAsked } }),
  async (c) => c.json(await askForCheck(ctxOf(c), departmentParam(c)), 202),
);
