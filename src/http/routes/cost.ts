import { costView, departmentCostView } from "../../cost/cost-view.ts";
import { showCost, showDepartmentCost } from "../../cost/show-cost.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { departmentParam } from "../params.ts";

const tag = "Departments";

export const getCost = factory.createHandlers(
  operation({
    id: "showCost",
    summary: "Shows what the departments cost in a month, and a projection of more of them",
    tag,
    answers: { 200: costView },
  }),
  async (c) => c.json(await showCost(ctxOf(c))),
);

export const getDepartmentCost = factory.createHandlers(
  operation({
    id: "showDepartmentCost",
    summary: "Shows what it is expected to cost in a month, and what its host metered so far",
    tag,
    answers: { 200: departmentCostView },
  }),
  async (c) => c.json(await showDepartmentCost(ctxOf(c), departmentParam(c))),
);
