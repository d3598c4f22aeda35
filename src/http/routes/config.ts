import { z } from "zod";
import { departmentConfig } from "../../config-schema/department.ts";
import { diffConfig } from "../../departments/config/diff.ts";
import { listConfigVersions } from "../../departments/config/list-versions.ts";
import { putConfig } from "../../departments/config/put.ts";
import { rollbackConfig } from "../../departments/config/rollback.ts";
import { showConfig } from "../../departments/config/show.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { departmentParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";
import { config, configDiff, configStored, configVersions } from "../views.ts";

const tag = "Departments";
const dryRunQuery = z.strictObject({ dry_run: z.enum(["true", "false"]).default("false") });
const version = z.int().min(1).max(2_000_000_000);
const versionText = z.coerce.number().int().min(1).max(2_000_000_000);
const versionsQuery = z.strictObject({
  before: versionText.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const getConfig = factory.createHandlers(
  operation({ id: "showConfig", summary: "Shows a department's definition", tag, answers: { 200: config } }),
  async (c) => c.json(await showConfig(ctxOf(c), departmentParam(c))),
);

export const putConfigRoute = factory.createHandlers(
  operation({
    id: "putConfig",
    summary: "Stores a new version of it, or shows what would change (dry_run)",
    tag,
    answers: { 200: configStored },
  }),
  queryString(dryRunQuery),
  jsonBody(z.strictObject({ expected_version: version, config: departmentConfig })),
  async (c) => {
    const dryRun = c.req.valid("query").dry_run === "true";
    return c.json(await putConfig(ctxOf(c), departmentParam(c), c.req.valid("json"), { dryRun }));
  },
);

export const getConfigVersions = factory.createHandlers(
  operation({
    id: "listConfigVersions",
    summary: "Lists its versions, the newest first",
    tag,
    answers: { 200: configVersions },
  }),
  queryString(versionsQuery),
  async (c) => c.json(await listConfigVersions(ctxOf(c), departmentParam(c), c.req.valid("query"))),
);

export const getConfigDiff = factory.createHandlers(
  operation({
    id: "diffConfig",
    summary: "Shows what differs between two versions",
    tag,
    answers: { 200: configDiff },
  }),
  queryString(z.strictObject({ from: versionText.optional(), to: versionText.optional() })),
  async (c) => c.json(await diffConfig(ctxOf(c), departmentParam(c), c.req.valid("query"))),
);

export const postConfigRollback = factory.createHandlers(
  operation({
    id: "rollbackConfig",
    summary: "Makes an earlier version the present one, or shows what would change (dry_run)",
    tag,
    answers: { 200: configStored },
  }),
  queryString(dryRunQuery),
  jsonBody(z.strictObject({ to_version: version, expected_version: version })),
  async (c) => {
    const dryRun = c.req.valid("query").dry_run === "true";
    return c.json(await rollbackConfig(ctxOf(c), departmentParam(c), c.req.valid("json"), { dryRun }));
  },
);
