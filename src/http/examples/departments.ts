import { type Examples, page } from "./example.ts";
import { earlier, hr, later, object } from "./names.ts";

const definition = {
  department_name: "Human Resources",
  enabled_tools: ["database", "calendar", "contacts"],
  admin_email: "hr-admin@example.com",
  host: "local",
};
const department = {
  id: hr,
  department_id: "hr",
  name: "Human Resources",
  status: "active",
  host: "local",
  region: null,
  release: "1",
  config_version: 2,
  admin_email: "hr-admin@example.com",
  deployment_url: "http://127.0.0.1:41234",
  created_at: earlier,
  updated_at: later,
  deprovisioned_at: null,
  locked_at: null,
  lock_reason: null,
};
const change = {
  path: "admin_email",
  change: "changed",
  from: "ann@example.com",
  to: "hr-admin@example.com",
};
const stored = { department_id: "hr", version: 2, changes: [change] };
const report = {
  id: object,
  at: later,
  dry_run: false,
  complete: true,
  tables: [{ table: "message", before: earlier, rows: 120, oldest: earlier }],
};

export const departments: Examples = {
  listDepartments: { answers: { 200: page(department) } },
  showDepartment: { answers: { 200: department } },
  showHealth: {
    answers: {
      200: {
        department_id: "hr",
        status: "active",
        checked_at: later,
        known: {
          status: "healthy",
          since: earlier,
          failures: 0,
          heal: "none",
          checked_at: later,
          checks: { agent: { status: "ready", detail: "answers" } },
        },
        checks: { agent: { status: "ready", detail: "answers" } },
      },
    },
  },
  listHealth: {
    answers: {
      200: page({
        id: hr,
        department_id: "hr",
        host: "local",
        status: "degraded",
        health: "unhealthy",
        since: earlier,
        checked_at: later,
        failures: 3,
        heal: "restarted",
        failed: ["agent"],
      }),
    },
  },
  listHealthChecks: {
    answers: {
      200: {
        items: [
          {
            at: later,
            status: "failing",
            checks: {
              agent: { status: "failed", detail: "does not answer" },
              database: { status: "ok", detail: "" },
            },
          },
        ],
      },
    },
  },
  checkHealth: { answers: { 202: { department_id: "hr", asked_at: earlier } } },
  listResources: {
    answers: {
      200: {
        items: [
          {
            provider: "postgres",
            kind: "schema",
            external_id: "t_4f7k2m9q",
            name: "t_4f7k2m9q",
            created_by_step: "database",
            created_at: earlier,
            deleted_at: null,
            verified_absent_at: null,
            orphaned_at: null,
            orphan_reason: null,
          },
        ],
      },
    },
  },
  showCertificate: {
    answers: {
      200: {
        document: { department: hr, department_id: "hr", deprovisioned_at: later },
        signature: "eyJhbGciOiJFZERTQSJ9…",
        kid: "k1",
      },
    },
  },
  showDatabaseAccess: {
    answers: {
      200: {
        host: "db.example.com",
        port: 5432,
        database: "federation",
        user: "d_4f7k2m9q",
        schema: "t_4f7k2m9q",
        password: "…",
      },
    },
  },
  listRetentionReports: { answers: { 200: { items: [report] } } },
  applyRetention: { answers: { 200: report } },
  showConfig: {
    answers: {
      200: {
        environment: "production",
        department_id: "hr",
        version: 2,
        config: definition,
        created_by: "ann@example.com",
        created_at: later,
      },
    },
  },
  putConfig: { body: { expected_version: 1, config: definition }, answers: { 200: stored } },
  listConfigVersions: {
    answers: { 200: { items: [{ version: 2, created_by: "ann@example.com", created_at: later }] } },
  },
  diffConfig: { answers: { 200: { department_id: "hr", from: 1, to: 2, changes: [change] } } },
  rollbackConfig: {
    body: { to_version: 1, expected_version: 2 },
    answers: { 200: { ...stored, version: 3 } },
  },
  exportTerraform: {
    answers: {
      200: {
        hcl: 'resource "railway_project" "hr" {\n  name = "fed-hr"\n}\n',
        departments: ["hr"],
        left_out: [{ department_id: "sales", reason: "its host is local" }],
      },
    },
  },
};
