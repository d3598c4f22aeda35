import { z } from "zod";
import { lockdownDepartment } from "../../departments/lockdown.ts";
import { unlockDepartment } from "../../departments/unlock.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { departmentParam } from "../params.ts";
import { jsonBody } from "../validate.ts";
import { locked, unlocking } from "../views.ts";

const tag = "Safety";
const reasonBody = z.strictObject({ reason: z.string().trim().min(1).max(500) });

export const postLockdown = factory.createHandlers(
  operation({
    id: "lockdown",
    summary: "Ends a department's keys, tokens and grants at once, and stops its agent",
    tag,
    answers: { 202: locked },
    idempotent: true,
  }),
  jsonBody(reasonBody),
  idempotency(),
  async (c) => c.json(await lockdownDepartment(ctxOf(c), departmentParam(c), c.req.valid("json")), 202),
);

export const postUnlock = factory.createHandlers(
  operation({
    id: "unlock",
    summary: "Brings a locked department back with other keys",
    tag,
    answers: { 202: unlocking },
    idempotent: true,
  }),
  jsonBody(reasonBody),
  idempotency(),
  async (c) => c.json(await unlockDepartment(ctxOf(c), departmentParam(c), c.req.valid("json")), 202),
);
