import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { departmentConfig, provisionRequest } from "../../config-schema/department.ts";
import { imageReference } from "../../config/environment.ts";
import { deprovisionDepartment } from "../../departments/deprovision.ts";
import { moveDepartment } from "../../departments/move.ts";
import { planDepartment } from "../../departments/plan.ts";
import { upgradeDepartment } from "../../departments/upgrade.ts";
import { provisionDepartment } from "../../departments/provision.ts";
import { hostNames } from "../../providers/hosts/host.ts";
import { cancelRun } from "../../provisioning/cancel-run.ts";
import { showProgress } from "../../provisioning/progress.ts";
import { retryRun } from "../../provisioning/retry-run.ts";
import { watchProgress } from "../../provisioning/watch.ts";
import { clientAddress } from "../client-address.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { departmentParam, idParam } from "../params.ts";
import { streamEvents } from "../stream-events.ts";
import { jsonBody, queryString } from "../validate.ts";
import { accepted, plan, progress, runAnswer } from "../views.ts";
import { FederationError } from "../../errors.ts";
import { authenticateBearer } from "../../tokens/authenticate-bearer.ts";

const tag = "Provisioning";
const provisionQuery = z.strictObject({ dry_run: z.enum(["true", "false"]).default("false") });
const deprovisionBody = z.strictObject({
  grace_hours: z.number().min(0).max(8760).default(24),
  export: z.boolean().default(true),
});
const upgradeBody = z.strictObject({ release: imageReference.optional() });
const moveBody = z.strictObject({
  to: z.enum(hostNames),
  region: departmentConfig.shape.region.unwrap().nullish(),
});
const retryBody = z.strictObject({ from_step: z.string().min(2).max(40).optional() });

export const postProvision = factory.createHandlers(
  operation({
    id: "provisionDepartment",
    summary: "Begins to provision a department, or shows the plan (dry_run)",
    tag,
    answers: { 200: plan, 202: accepted },
    idempotent: true,
  }),
  queryString(provisionQuery),
  jsonBody(provisionRequest),
  idempotency(),
  async (c) => {
    const input = c.req.valid("json");
    if (c.req.valid("query").dry_run === "true") return c.json(await planDepartment(ctxOf(c), input), 200);
    const answer = await provisionDepartment(ctxOf(c), input);
    c.header("location", answer.status_url);
    return c.json(answer, 202);
  },
);

export const getProvisionStatus = factory.createHandlers(
  operation({ id: "showProgress", summary: "Shows how far a run is", tag, answers: { 200: progress } }),
  async (c) => c.json(await showProgress(ctxOf(c), idParam(c))),
);

export const getProvisionEvents = factory.createHandlers(
  operation({
    id: "watchProgress",
    summary: "Streams a run's changes; Last-Event-ID resumes",
    tag,
    answers: { 200: "text/event-stream" },
  }),
  async (c) => {
    const ctx = ctxOf(c);
    const id = idParam(c);
    await showProgress(ctx, id);
    // Hono answers HEAD with the GET handler, and nobody would ever end that stream.
    if (c.req.raw.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream" });
    const last = z.coerce.number().int().min(0).safeParse(c.req.header("last-event-id"));
    const mayStillSee = () =>
      authenticateBearer(c.var.deps, c.req.header("authorization"), clientAddress(c)).then(
        (caller) => caller.scopes.has("departments:read"),
        (error: unknown) => !(error instanceof FederationError && error.status === 401),
      );
    return streamSSE(c, (stream) =>
      streamEvents(
        ctx,
        stream,
        (signal) => watchProgress(ctx, id, { after: last.data, signal }),
        mayStillSee,
      ),
    );
  },
);

export const postRetry = factory.createHandlers(
  operation({
    id: "retryRun",
    summary: "Goes on with a failed run",
    tag,
    answers: { 202: runAnswer },
    idempotent: true,
  }),
  jsonBody(retryBody),
  idempotency(),
  async (c) => c.json(await retryRun(ctxOf(c), idParam(c), c.req.valid("json")), 202),
);

export const postCancel = factory.createHandlers(
  operation({
    id: "cancelRun",
    summary: "Stops a run and takes back what it did",
    tag,
    answers: { 202: runAnswer },
    idempotent: true,
  }),
  jsonBody(z.strictObject({})),
  idempotency(),
  async (c) => c.json(await cancelRun(ctxOf(c), idParam(c)), 202),
);

export const deleteDepartment = factory.createHandlers(
  operation({
    id: "deprovisionDepartment",
    summary: "Begins to take a department away",
    tag,
    answers: { 202: accepted },
    idempotent: true,
  }),
  jsonBody(deprovisionBody),
  idempotency(),
  async (c) => {
    const answer = await deprovisionDepartment(ctxOf(c), departmentParam(c), c.req.valid("json"));
    c.header("location", answer.status_url);
    return c.json(answer, 202);
  },
);

export const postUpgrade = factory.createHandlers(
  operation({
    id: "upgradeDepartment",
    summary: "Brings workflows and agent to what the definition, the templates and a release say",
    tag,
    answers: { 202: accepted },
    idempotent: true,
  }),
  jsonBody(upgradeBody),
  idempotency(),
  async (c) => c.json(await upgradeDepartment(ctxOf(c), departmentParam(c), c.req.valid("json")), 202),
);

export const postMove = factory.createHandlers(
  operation({
    id: "moveDepartment",
    summary: "Brings its agent to another host; the old one goes once the new one is proven",
    tag,
    answers: { 202: accepted },
    idempotent: true,
  }),
  jsonBody(moveBody),
  idempotency(),
  async (c) => c.json(await moveDepartment(ctxOf(c), departmentParam(c), c.req.valid("json")), 202),
);
