import { estimate } from "./cost.ts";
import type { Examples } from "./example.ts";
import { accepted, earlier, hr, later, run } from "./names.ts";

const step = {
  name: "preflight",
  status: "done",
  attempt: 1,
  started_at: earlier,
  finished_at: later,
  duration_ms: 41,
  waits_for: null,
  wait_seconds: null,
  queue_seconds: 0.1,
  in_line: false,
  reason: null,
  error: null,
};

export const provisioning: Examples = {
  provisionDepartment: {
    body: {
      department_id: "hr",
      department_name: "Human Resources",
      enabled_tools: ["database", "calendar", "contacts"],
      admin_email: "hr-admin@example.com",
      custom_config: { language: "en", greeting: "Human Resources, how can I help?" },
    },
    answers: {
      200: {
        department_id: "hr",
        host: "local",
        possible: true,
        checks: [{ name: "department_id", ok: true, detail: "is free" }],
        steps: [{ name: "database", needs: ["preflight"], group: "database" }],
        resources: [{ provider: "postgres", kind: "schema", name: "t_<generated>" }],
        skipped: [{ step: "oauth-client", reason: "Google is not configured" }],
        variables: ["FEDERATION_URL", "DEPARTMENT_ID"],
        cost_per_month: estimate,
      },
      202: accepted("provisioning"),
    },
  },
  showProgress: {
    answers: {
      200: {
        provisioning_id: run,
        department_id: "hr",
        department: hr,
        kind: "provision",
        status: "provisioning",
        run_status: "running",
        progress: {
          database: "in_progress",
          oauth: "skipped",
          host: "in_progress",
          workflows: "pending",
          gateway: "pending",
          health: "pending",
        },
        steps: [step],
        percent: 8,
        eta_seconds: 6,
        deployment_url: null,
        dashboard_url: "https://federation.example.com/departments/hr",
        error: null,
        orphans: [],
        created_at: earlier,
        completed_at: null,
      },
    },
  },
  retryRun: {
    body: { from_step: "deploy" },
    answers: { 202: { provisioning_id: run, run_status: "queued" } },
  },
  cancelRun: {
    answers: { 202: { provisioning_id: run, run_status: "running", cancel_requested: true } },
  },
  deprovisionDepartment: {
    body: { grace_hours: 24, export: true },
    answers: { 202: accepted("deprovisioning") },
  },
  upgradeDepartment: {
    body: { release: "registry.example/federation-agent:2" },
    answers: { 202: accepted("upgrading") },
  },
  moveDepartment: { body: { to: "railway", region: "eu-west" }, answers: { 202: accepted("moving") } },
};
