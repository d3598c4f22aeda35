import { askDepartment } from "../../gateway/index.ts";
import { answer, question } from "../../gateway/question.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { setRateLimitHeaders } from "../rate-limit-headers.ts";
import { jsonBody } from "../validate.ts";

export const postQuery = factory.createHandlers(
  operation({
    id: "askDepartment",
    summary: "Asks a department, or one's own, a named question",
    tag: "Gateway",
    answers: { 200: answer },
  }),
  jsonBody(question),
  async (c) => {
    const { inFlight, metrics } = c.var.deps;
    const ask = () => askDepartment(ctxOf(c), inFlight, c.req.valid("json"));
    const { limits, ...found } = await metrics.question(ask);
    setRateLimitHeaders(c, limits);
    return c.json(found);
  },
);
