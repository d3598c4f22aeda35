import { z } from "zod";
import { recordedToolResult } from "../../departments/data/tool-result.ts";
import { unauthorized } from "../../errors.ts";
import { changeEndpoint } from "../../webhooks/endpoints/change.ts";
import { createEndpoint } from "../../webhooks/endpoints/create.ts";
import { deliveryView } from "../../webhooks/endpoints/delivery.ts";
import {
  endpointChange,
  endpointInput,
  endpointView,
  endpointWithSecret,
} from "../../webhooks/endpoints/endpoint.ts";
import { listDeliveries } from "../../webhooks/endpoints/list-deliveries.ts";
import { listEndpoints } from "../../webhooks/endpoints/list.ts";
import { redeliver } from "../../webhooks/endpoints/redeliver.ts";
import { removeEndpoint } from "../../webhooks/endpoints/remove.ts";
import { rotateEndpointSecret } from "../../webhooks/endpoints/rotate-secret.ts";
import { sendTest } from "../../webhooks/endpoints/send-test.ts";
import { showEndpoint } from "../../webhooks/endpoints/show.ts";
import { inboundEvent } from "../../webhooks/inbound/inbound-event.ts";
import { receiveEvent } from "../../webhooks/inbound/receive.ts";
import { createSource } from "../../webhooks/sources/create.ts";
import { listSources } from "../../webhooks/sources/list.ts";
import { removeSource } from "../../webhooks/sources/remove.ts";
import { rotateSourceSecret } from "../../webhooks/sources/rotate-secret.ts";
import { sourceInput, sourceView, sourceWithSecret } from "../../webhooks/sources/source.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { rememberWebhook } from "../middleware/remember-webhook.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { idParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";
import { accepted } from "../views.ts";

const tag = "Webhooks";
const nothing = z.strictObject({});

export const getEndpoints = factory.createHandlers(
  operation({
    id: "listWebhookEndpoints",
    summary: "Lists whom we call back, never their secrets",
    tag,
    answers: { 200: pageOf(endpointView) },
  }),
  queryString(pageQuery),
  async (c) => c.json(await listEndpoints(ctxOf(c), c.req.valid("query"))),
);

export const postEndpoint = factory.createHandlers(
  operation({
    id: "createWebhookEndpoint",
    summary: "Adds an endpoint; its secret is shown once. Slack's format has none, and its URL is one",
    tag,
    answers: { 201: endpointWithSecret },
    idempotent: true,
  }),
  jsonBody(endpointInput),
  idempotency(),
  async (c) => c.json(await createEndpoint(ctxOf(c), c.req.valid("json")), 201),
);

export const getEndpoint = factory.createHandlers(
  operation({
    id: "showWebhookEndpoint",
    summary: "Shows an endpoint, never its secret",
    tag,
    answers: { 200: endpointView },
  }),
  async (c) => c.json(await showEndpoint(ctxOf(c), idParam(c))),
);

export const putEndpoint = factory.createHandlers(
  operation({
    id: "changeWebhookEndpoint",
    summary: "Replaces what an endpoint is, or switches it off and on; its secret stays",
    tag,
    answers: { 200: endpointView },
  }),
  jsonBody(endpointChange),
  async (c) => c.json(await changeEndpoint(ctxOf(c), idParam(c), c.req.valid("json"))),
);

export const deleteEndpoint = factory.createHandlers(
  operation({
    id: "removeWebhookEndpoint",
    summary: "Takes an endpoint away, with what waits for it",
    tag,
    answers: { 204: "" },
  }),
  async (c) => {
    await removeEndpoint(ctxOf(c), idParam(c));
    return c.body(null, 204);
  },
);

export const postRotateEndpoint = factory.createHandlers(
  operation({
    id: "rotateWebhookEndpointSecret",
    summary: "Gives an endpoint another secret, shown once; for 24 h both sign",
    tag,
    answers: { 200: endpointWithSecret },
    idempotent: true,
  }),
  jsonBody(nothing),
  idempotency(),
  async (c) => c.json(await rotateEndpointSecret(ctxOf(c), idParam(c))),
);

export const postTest = factory.createHandlers(
  operation({
    id: "testWebhookEndpoint",
    summary: "Sends a webhook.test to an endpoint",
    tag,
    answers: { 202: deliveryView },
    idempotent: true,
  }),
  jsonBody(nothing),
  idempotency(),
  async (c) => c.json(await sendTest(ctxOf(c), idParam(c)), 202),
);

export const getDeliveries = factory.createHandlers(
  operation({
    id: "listWebhookDeliveries",
    summary: "Lists what was sent to an endpoint and how it went, the newest first",
    tag,
    answers: { 200: pageOf(deliveryView) },
  }),
  queryString(pageQuery),
  async (c) => c.json(await listDeliveries(ctxOf(c), idParam(c), c.req.valid("query"))),
);

export const postRedeliver = factory.createHandlers(
  operation({
    id: "redeliverWebhook",
    summary: "Sends a message again, under the same webhook-id",
    tag,
    answers: { 202: deliveryView },
    idempotent: true,
  }),
  jsonBody(nothing),
  idempotency(),
  async (c) => c.json(await redeliver(ctxOf(c), idParam(c)), 202),
);

export const getSources = factory.createHandlers(
  operation({
    id: "listWebhookSources",
    summary: "Lists who may send signed events, never their secrets",
    tag,
    answers: { 200: pageOf(sourceView) },
  }),
  queryString(pageQuery),
  async (c) => c.json(await listSources(ctxOf(c), c.req.valid("query"))),
);

export const postSource = factory.createHandlers(
  operation({
    id: "createWebhookSource",
    summary: "Lets somebody send signed events; the secret is shown once",
    tag,
    answers: { 201: sourceWithSecret },
    idempotent: true,
  }),
  jsonBody(sourceInput),
  idempotency(),
  async (c) => c.json(await createSource(ctxOf(c), c.req.valid("json")), 201),
);

export const deleteSource = factory.createHandlers(
  operation({ id: "removeWebhookSource", summary: "Ends a source at once", tag, answers: { 204: "" } }),
  async (c) => {
    await removeSource(ctxOf(c), idParam(c));
    return c.body(null, 204);
  },
);

export const postRotateSource = factory.createHandlers(
  operation({
    id: "rotateWebhookSourceSecret",
    summary: "Gives a source another secret, shown once; for 24 h both count",
    tag,
    answers: { 200: sourceWithSecret },
    idempotent: true,
  }),
  jsonBody(nothing),
  idempotency(),
  async (c) => c.json(await rotateSourceSecret(ctxOf(c), idParam(c))),
);

export const postInbound = factory.createHandlers(
  operation({
    id: "receiveWebhook",
    summary: "Takes an event of n8n, signed (Standard Webhooks) or with an API key; once per webhook-id",
    tag,
    answers: { 200: recordedToolResult, 202: accepted },
  }),
  // Nobody gets here without having been told apart; a path that is spelt in another way must not.
  async (c, next) => {
    if (!c.var.caller) throw unauthorized("unauthenticated", "The request needs a signature or a key.");
    await next();
  },
  jsonBody(inboundEvent),
  rememberWebhook(),
  async (c) => {
    const { status, body } = await receiveEvent(ctxOf(c), c.req.valid("json"));
    return c.json(body, status);
  },
);
