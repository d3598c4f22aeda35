import { z } from "zod";
import { departmentConfigJsonSchema } from "../../config-schema/department.ts";
import { checkReady } from "../../db/check-ready.ts";
import { selfCheck } from "../../departments/self-check.ts";
import { notFound } from "../../errors.ts";
import { ctxOf, factory } from "../env.ts";
import type { OpenApiDocument } from "../openapi.ts";
import { operation } from "../operation.ts";
import { indexPage } from "../reference/index-page.ts";
import { referencePolicy } from "../reference/reference-layout.ts";
import { tagPage } from "../reference/tag-page.ts";

const tag = "System";
const ok = z.object({ status: z.literal("ok") });
const anyObject = z.record(z.string(), z.json());
const publicFor = "public, max-age=60";

export const getHealthz = factory.createHandlers(
  operation({ id: "healthz", summary: "Says that the process runs", tag, answers: { 200: ok } }),
  (c) => c.json({ status: "ok" }),
);

export const getReadyz = factory.createHandlers(
  operation({
    id: "readyz",
    summary: "Says that the process can serve: database and roles",
    tag,
    answers: { 200: ok },
  }),
  async (c) => {
    await checkReady(c.var.deps.db);
    return c.json({ status: "ok" });
  },
);

export const getJwks = factory.createHandlers(
  operation({
    id: "jwks",
    summary: "Shows the public keys of our tokens (RFC 7517)",
    tag,
    answers: { 200: z.object({ keys: z.array(anyObject) }) },
  }),
  async (c) => {
    c.header("cache-control", publicFor);
    return c.json(await c.var.deps.signingKeys.jwks());
  },
);

export const getDepartmentSchema = factory.createHandlers(
  operation({
    id: "departmentSchema",
    summary: "The JSON Schema of a department",
    tag,
    answers: { 200: anyObject },
  }),
  (c) => {
    c.header("cache-control", publicFor);
    return c.json(departmentConfigJsonSchema(c.var.deps.config.publicUrl));
  },
);

export const getSelfCheck = factory.createHandlers(
  operation({
    id: "selfCheck",
    summary: "Lets an agent see whether its key, its department and its data work",
    tag,
    answers: { 200: z.object({ department_id: z.string(), status: z.string(), data: z.literal("ok") }) },
  }),
  async (c) => c.json(await selfCheck(ctxOf(c))),
);

/** The document describes the whole app, itself too, so it is made when first asked for. */
export const getOpenApi = (document: () => OpenApiDocument) =>
  factory.createHandlers(
    operation({ id: "openapi", summary: "This document", tag, answers: { 200: anyObject } }),
    (c) => {
      c.header("cache-control", publicFor);
      return c.json(document() as object);
    },
  );

export const getReference = (document: () => OpenApiDocument) =>
  factory.createHandlers(
    operation({
      id: "docs",
      summary: "The reference as pages: every operation",
      tag,
      answers: { 200: "text/html" },
    }),
    (c) => {
      c.header("content-security-policy", referencePolicy);
      return c.html(indexPage(document()));
    },
  );

export const getReferenceOfTag = (document: () => OpenApiDocument) =>
  factory.createHandlers(
    operation({
      id: "docsOfTag",
      summary: "One group of the reference, with fields, examples and calls",
      tag,
      answers: { 200: "text/html" },
    }),
    (c) => {
      const page = tagPage(document(), c.req.param("tag") ?? "");
      if (!page) throw notFound();
      c.header("content-security-policy", referencePolicy);
      return c.html(page);
    },
  );
