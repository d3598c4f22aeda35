import { importInput, importRelease } from "../../releases/import.ts";
import { createRelease } from "../../releases/create.ts";
import { listReleases } from "../../releases/list.ts";
import { signedManifest } from "../../releases/manifest.ts";
import { promoteRelease, promotionInput } from "../../releases/promote.ts";
import { releaseInput, releaseView } from "../../releases/release.ts";
import { releaseDetail, showRelease } from "../../releases/show.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { releaseParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "Releases";

export const getReleases = factory.createHandlers(
  operation({ id: "listReleases", summary: "Lists releases", tag, answers: { 200: pageOf(releaseView) } }),
  queryString(pageQuery),
  async (c) => c.json(await listReleases(ctxOf(c), c.req.valid("query"))),
);

export const postRelease = factory.createHandlers(
  operation({
    id: "createRelease",
    summary: "Names an agent's image with the templates and the schema of this control plane",
    tag,
    answers: { 201: releaseView },
    idempotent: true,
  }),
  jsonBody(releaseInput),
  idempotency(),
  async (c) => c.json(await createRelease(ctxOf(c), c.req.valid("json")), 201),
);

export const postImport = factory.createHandlers(
  operation({
    id: "importRelease",
    summary: "Makes the release of a manifest that another environment signed for this one",
    tag,
    answers: { 201: releaseView },
    idempotent: true,
  }),
  jsonBody(importInput),
  idempotency(),
  async (c) => c.json(await importRelease(ctxOf(c), c.req.valid("json")), 201),
);

export const getRelease = factory.createHandlers(
  operation({
    id: "showRelease",
    summary: "Shows a release, by id or name, with what speaks for it here",
    tag,
    answers: { 200: releaseDetail },
  }),
  async (c) => c.json(await showRelease(ctxOf(c), releaseParam(c))),
);

export const postPromote = factory.createHandlers(
  operation({
    id: "promoteRelease",
    summary: "Signs for another environment that a release was proven here",
    tag,
    answers: { 200: signedManifest },
    idempotent: true,
  }),
  jsonBody(promotionInput),
  idempotency(),
  async (c) => c.json(await promoteRelease(ctxOf(c), releaseParam(c), c.req.valid("json")), 200),
);
