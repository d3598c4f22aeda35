import { z } from "zod";
import { alertStatuses, alertView } from "../../alerts/alert-view.ts";
import { listAlerts } from "../../alerts/list.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { queryString } from "../validate.ts";

const alertQuery = pageQuery.extend({ status: z.enum(alertStatuses).optional() });

export const getAlerts = factory.createHandlers(
  operation({
    id: "listAlerts",
    summary: "Lists what is wrong, and what was",
    tag: "System",
    answers: { 200: pageOf(alertView) },
  }),
  queryString(alertQuery),
  async (c) => c.json(await listAlerts(ctxOf(c), c.req.valid("query"))),
);
