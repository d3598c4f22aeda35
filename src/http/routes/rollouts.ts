import { z } from "zod";
import { listRollouts } from "../../rollouts/list.ts";
import { pauseRollout } from "../../rollouts/pause.ts";
import { resumeRollout } from "../../rollouts/resume.ts";
import { rollBackRollout } from "../../rollouts/roll-back.ts";
import { rolloutDetail, rolloutView } from "../../rollouts/rollout.ts";
import { showRollout } from "../../rollouts/show.ts";
import { rolloutInput, startRollout } from "../../rollouts/start.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { idParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "Releases";
const answers = { 202: rolloutView };

export const getRollouts = factory.createHandlers(
  operation({ id: "listRollouts", summary: "Lists rollouts", tag, answers: { 200: pageOf(rolloutView) } }),
  queryString(pageQuery),
  async (c) => c.json(await listRollouts(ctxOf(c), c.req.valid("query"))),
);

export const postRollout = factory.createHandlers(
  operation({
    id: "startRollout",
    summary: "Begins to bring departments to a release, batch by batch",
    tag,
    answers,
    idempotent: true,
  }),
  jsonBody(rolloutInput),
  idempotency(),
  async (c) => c.json(await startRollout(ctxOf(c), c.req.valid("json")), 202),
);

export const getRollout = factory.createHandlers(
  operation({
    id: "showRollout",
    summary: "Shows a rollout with each of its departments",
    tag,
    answers: { 200: rolloutDetail },
  }),
  async (c) => c.json(await showRollout(ctxOf(c), idParam(c))),
);

export const postPause = factory.createHandlers(
  operation({
    id: "pauseRollout",
    summary: "Begins no further upgrade; those under way go to their end",
    tag,
    answers,
    idempotent: true,
  }),
  jsonBody(z.strictObject({})),
  idempotency(),
  async (c) => c.json(await pauseRollout(ctxOf(c), idParam(c)), 202),
);

export const postResume = factory.createHandlers(
  operation({ id: "resumeRollout", summary: "Lets a paused rollout go on", tag, answers, idempotent: true }),
  jsonBody(z.strictObject({})),
  idempotency(),
  async (c) => c.json(await resumeRollout(ctxOf(c), idParam(c)), 202),
);

export const postRollback = factory.createHandlers(
  operation({
    id: "rollBackRollout",
    summary: "Brings every department it changed back to its release of before",
    tag,
    answers,
    idempotent: true,
  }),
  jsonBody(z.strictObject({})),
  idempotency(),
  async (c) => c.json(await rollBackRollout(ctxOf(c), idParam(c)), 202),
);
