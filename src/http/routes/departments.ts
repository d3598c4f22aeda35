import { z } from "zod";
import { showDatabaseAccess } from "../../departments/database-access.ts";
import { openArchive } from "../../departments/archive.ts";
import { showCertificate } from "../../departments/certificate.ts";
import { showDepartmentHealth } from "../../departments/health.ts";
import { listDepartments } from "../../departments/list.ts";
import { listResources } from "../../departments/resources.ts";
import { showDepartment } from "../../departments/show.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { departmentParam } from "../params.ts";
import { queryString } from "../validate.ts";
import { certificate, department, health, resources } from "../views.ts";

const tag = "Departments";
const listQuery = pageQuery.extend({ status: department.shape.status.optional() });

export const getDepartments = factory.createHandlers(
  operation({
    id: "listDepartments",
    summary: "Lists departments",
    tag,
    answers: { 200: pageOf(department) },
  }),
  queryString(listQuery),
  async (c) => c.json(await listDepartments(ctxOf(c), c.req.valid("query"))),
);

export const getDepartment = factory.createHandlers(
  operation({ id: "showDepartment", summary: "Shows a department", tag, answers: { 200: department } }),
  async (c) => c.json(await showDepartment(ctxOf(c), departmentParam(c))),
);

export const getHealth = factory.createHandlers(
  operation({
    id: "showHealth",
    summary: "Asks the department's agent how it is",
    tag,
    answers: { 200: health },
  }),
  async (c) => c.json(await showDepartmentHealth(ctxOf(c), departmentParam(c))),
);

export const getResources = factory.createHandlers(
  operation({
    id: "listResources",
    summary: "Lists what exists, or existed, because of it",
    tag,
    answers: { 200: resources },
  }),
  async (c) => c.json(await listResources(ctxOf(c), departmentParam(c))),
);

export const getCertificate = factory.createHandlers(
  operation({
    id: "showCertificate",
    summary: "Shows the signed proof of its deletion",
    tag,
    answers: { 200: certificate },
  }),
  async (c) => c.json(await showCertificate(ctxOf(c), departmentParam(c))),
);

export const getArchive = factory.createHandlers(
  operation({
    id: "downloadArchive",
    summary: "Downloads its last export",
    tag,
    answers: { 200: "application/gzip" },
  }),
  async (c) => {
    const archive = await openArchive(ctxOf(c), departmentParam(c));
    c.header("content-type", "application/gzip");
    c.header("content-length", String(archive.bytes));
    c.header("content-disposition", `attachment; filename="${archive.name}"`);
    return c.body(archive.stream);
  },
);

const databaseAccess = z.object({
  host: z.string(),
  port: z.int(),
  database: z.string(),
  user: z.string(),
  schema: z.string(),
  password: z.string(),
});

export const getDatabaseAccess = factory.createHandlers(
  operation({
    id: "showDatabaseAccess",
    summary: "Shows its own database login, where its config has database.direct_access",
    tag,
    answers: { 200: databaseAccess },
  }),
  async (c) => c.json(await showDatabaseAccess(ctxOf(c), departmentParam(c))),
);
