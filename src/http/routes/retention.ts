import { z } from "zod";
import { applyRetention } from "../../retention/apply-retention.ts";
import { listRetentionReports } from "../../retention/list-reports.ts";
import { retentionReport } from "../../retention/retention.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { departmentParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "Departments";
/** A call ends in time; what is left is the daily job's. */
const batchesMax = 20;
const query = z.strictObject({ dry_run: z.enum(["true", "false"]).default("false") });

export const getRetention = factory.createHandlers(
  operation({
    id: "listRetentionReports",
    summary: "Lists the last reports on what its retention took away",
    tag,
    answers: { 200: z.object({ items: z.array(retentionReport) }) },
  }),
  async (c) => c.json({ items: await listRetentionReports(ctxOf(c), departmentParam(c)) }),
);

export const postRetention = factory.createHandlers(
  operation({
    id: "applyRetention",
    summary: "Takes away what its definition does not keep any longer, or only counts it (dry_run)",
    tag,
    answers: { 200: retentionReport },
  }),
  queryString(query),
  jsonBody(z.strictObject({})),
  async (c) => {
    const dryRun = c.req.valid("query").dry_run === "true";
    return c.json(await applyRetention(ctxOf(c), departmentParam(c), { dryRun, batchesMax }));
  },
);
