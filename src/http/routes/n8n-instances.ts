import { addInstance } from "../../n8n-instances/add.ts";
import { instanceInput, instanceView } from "../../n8n-instances/instance.ts";
import { listInstances } from "../../n8n-instances/list.ts";
import { retireInstance } from "../../n8n-instances/retire.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { idParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "Workflows";

export const getInstances = factory.createHandlers(
  operation({
    id: "listInstances",
    summary: "Lists the n8n instances for departments that have one of their own, never a key",
    tag,
    answers: { 200: pageOf(instanceView) },
  }),
  queryString(pageQuery),
  async (c) => c.json(await listInstances(ctxOf(c), c.req.valid("query"))),
);

export const postInstance = factory.createHandlers(
  operation({
    id: "addInstance",
    summary: "Adds an n8n instance to the pool",
    tag,
    answers: { 201: instanceView },
    idempotent: true,
  }),
  jsonBody(instanceInput),
  idempotency(),
  async (c) => c.json(await addInstance(ctxOf(c), c.req.valid("json")), 201),
);

export const postRetireInstance = factory.createHandlers(
  operation({
    id: "retireInstance",
    summary: "Takes an n8n instance out of the pool and destroys its key",
    tag,
    answers: { 200: instanceView },
  }),
  async (c) => c.json(await retireInstance(ctxOf(c), idParam(c))),
);
