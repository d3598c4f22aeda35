import { z } from "zod";
import { callBudgetView, listCallBudgets } from "../../call-budgets/list.ts";
import { listFailedJobs, listQueues } from "../../queue/list-jobs.ts";
import { failedJob, queueView } from "../../queue/queue-view.ts";
import { redriveJob } from "../../queue/redrive.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { idParam } from "../params.ts";
import { jsonBody } from "../validate.ts";

const tag = "System";

export const getCallBudgets = factory.createHandlers(
  operation({
    id: "listCallBudgets",
    summary: "Lists the budgets of calls to providers, and how many wait for each",
    tag,
    answers: { 200: z.object({ items: z.array(callBudgetView) }) },
  }),
  async (c) => c.json({ items: await listCallBudgets(ctxOf(c)) }),
);

export const getQueues = factory.createHandlers(
  operation({
    id: "listQueues",
    summary: "Lists the queues with what waits, runs and failed",
    tag,
    answers: { 200: z.object({ items: z.array(queueView) }) },
  }),
  async (c) => c.json({ items: await listQueues(ctxOf(c)) }),
);

export const getFailedJobs = factory.createHandlers(
  operation({
    id: "listFailedJobs",
    summary: "Lists a queue's failed jobs",
    tag,
    answers: { 200: z.object({ items: z.array(failedJob) }) },
  }),
  async (c) => c.json({ items: await listFailedJobs(ctxOf(c), c.req.param("name") ?? "") }),
);

export const postRetryJob = factory.createHandlers(
  operation({
    id: "retryJob",
    summary: "Lets a failed job run once more",
    tag,
    answers: { 202: z.object({ id: z.uuid(), queue: z.string() }) },
  }),
  jsonBody(z.strictObject({})),
  async (c) => c.json(await redriveJob(ctxOf(c), c.req.param("name") ?? "", idParam(c)), 202),
);
