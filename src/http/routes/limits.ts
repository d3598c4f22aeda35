import { z } from "zod";
import { notFound } from "../../errors.ts";
import { limitKinds, policyInput, policyView } from "../../limits/limit.ts";
import { listLimits } from "../../limits/list.ts";
import { setLimit } from "../../limits/set.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { jsonBody } from "../validate.ts";

const tag = "Gateway";

export const getLimits = factory.createHandlers(
  operation({
    id: "listLimits",
    summary: "Lists the installation's limits",
    tag,
    answers: { 200: z.object({ items: z.array(policyView) }) },
  }),
  async (c) => c.json({ items: await listLimits(ctxOf(c)) }),
);

export const putLimit = factory.createHandlers(
  operation({
    id: "setLimit",
    summary: "Sets one limit: department, pair, key, login, address or provision",
    tag,
    answers: { 200: policyView },
  }),
  jsonBody(policyInput),
  async (c) => {
    const kind = z.enum(limitKinds).safeParse(c.req.param("kind"));
    if (!kind.success) throw notFound();
    return c.json(await setLimit(ctxOf(c), kind.data, c.req.valid("json")));
  },
);
