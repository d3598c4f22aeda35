import type { Context } from "hono";
import { z } from "zod";
import { notFound } from "../../errors.ts";
import { dataKeyView, kekView, listKeys, signingKeyView } from "../../keys/list.ts";
import { retireKey } from "../../keys/retire.ts";
import { rotateInput, rotateKey } from "../../keys/rotate.ts";
import { rotateKek } from "../../keys/rotate-kek.ts";
import { rotationView } from "../../keys/rotation.ts";
import { showRotation } from "../../keys/show-rotation.ts";
import { ctxOf, type Env, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { idParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "Keys";
const inventory = pageOf(dataKeyView).extend({
  keks: z.array(kekView),
  signing_keys: z.array(signingKeyView),
  oldest_active_days: z.int(),
});

export const getKeys = factory.createHandlers(
  operation({
    id: "listKeys",
    summary: "Lists data keys with their uses, KEKs and signing keys; never a key itself",
    tag,
    answers: { 200: inventory },
  }),
  queryString(pageQuery.extend({ department_id: z.string().max(64).optional() })),
  async (c) => c.json(await listKeys(ctxOf(c), c.req.valid("query"))),
);

export const postRotate = factory.createHandlers(
  operation({
    id: "rotateKey",
    summary: "Begins the rotation of a data key, the signing key or the gateway's sealing key",
    tag,
    answers: { 202: rotationView },
    idempotent: true,
  }),
  jsonBody(rotateInput),
  idempotency(),
  async (c) => c.json(await rotateKey(ctxOf(c), c.req.valid("json")), 202),
);

export const postRotateKek = factory.createHandlers(
  operation({
    id: "rotateKek",
    summary: "Begins to wrap every data key with the installation's present KEK",
    tag,
    answers: { 202: rotationView },
    idempotent: true,
  }),
  idempotency(),
  async (c) => c.json(await rotateKek(ctxOf(c)), 202),
);

export const getRotation = factory.createHandlers(
  operation({
    id: "showRotation",
    summary: "Shows how far a rotation is",
    tag,
    answers: { 200: rotationView },
  }),
  async (c) => c.json(await showRotation(ctxOf(c), idParam(c))),
);

export const postRetire = factory.createHandlers(
  operation({
    id: "retireKey",
    summary: "Destroys a data key that nothing needs any more, or ends an old KEK; for good",
    tag,
    answers: { 204: "" },
  }),
  async (c) => {
    await retireKey(ctxOf(c), keyParam(c));
    return c.body(null, 204);
  },
);

/** A data key's id, or the eight letters of a KEK's. */
function keyParam(c: Context<Env>): string {
  const text = c.req.param("id") ?? "";
  if (/^[0-9a-f]{8}$/.test(text)) return text;
  if (!z.uuid().safeParse(text).success) throw notFound();
  return text.toLowerCase();
}
