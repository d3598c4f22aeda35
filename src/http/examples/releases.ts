import { type Examples, page } from "./example.ts";
import { earlier, later, object, run } from "./names.ts";
import { jwks } from "./jwks.ts";

const content = {
  name: "spring",
  agent_image: "registry.example/federation-agent:2",
  templates: { calendar: 3, email: 2 },
  schema_version: 7,
};
const manifest = {
  document: {
    statement: "This release was proven in its source and is promoted.",
    release: content,
    from: "staging",
    source: "https://staging.example.com",
    to: "production",
    evidence: {
      rollout: object,
      departments: [{ department_id: "hr", host: "docker", healthy_hours: 26 }],
      healthy_hours_min: 24,
      tests: "https://ci.example/runs/1",
    },
    issued_at: later,
    issued_by: "ann@example.com",
  },
  signature: "eyJhbGciOiJFZERTQSJ9…",
  kid: "k1",
};
const release = {
  id: object,
  ...content,
  source_environment: "staging",
  created_by: "ann@example.com",
  created_at: earlier,
  manifest: null,
};
const rollout = {
  id: object,
  release: "spring",
  status: "running",
  batch: 1,
  batches: 3,
  batch_size: 10,
  failures_max: 0,
  gate_seconds: 300,
  gate_until: null,
  rollback: "failed",
  reason: null,
  departments: {
    pending: 20,
    upgrading: 10,
    done: 0,
    failed: 0,
    rolling_back: 0,
    rolled_back: 0,
    skipped: 0,
  },
  created_by: "ann@example.com",
  created_at: earlier,
  finished_at: null,
};

export const releases: Examples = {
  listReleases: { answers: { 200: page(release) } },
  createRelease: {
    body: { name: "spring", agent_image: "registry.example/federation-agent:2" },
    answers: { 201: release },
  },
  importRelease: {
    body: {
      manifest,
      jwks,
    },
    answers: { 201: { ...release, manifest } },
  },
  showRelease: {
    answers: {
      200: {
        ...release,
        evidence: {
          rollout: object,
          departments: [{ department_id: "hr", host: "docker", healthy_hours: 2 }],
          healthy_hours_min: 24,
          missing: [{ path: "departments.hr", message: "has been well for 2 of 24 hours" }],
        },
      },
    },
  },
  promoteRelease: {
    body: { to: "production", tests: "https://ci.example/runs/1" },
    answers: { 200: manifest },
  },
  listRollouts: { answers: { 200: page(rollout) } },
  startRollout: { body: { release: "spring", batch_size: 10, gate_seconds: 300 }, answers: { 202: rollout } },
  showRollout: {
    answers: {
      200: {
        ...rollout,
        items: [
          {
            department_id: "hr",
            batch: 1,
            status: "upgrading",
            release_before: "1",
            release_after: null,
            run_id: run,
            rollback_run_id: null,
            error: null,
          },
        ],
      },
    },
  },
  pauseRollout: { answers: { 202: { ...rollout, status: "paused" } } },
  resumeRollout: { answers: { 202: rollout } },
  rollBackRollout: { answers: { 202: { ...rollout, status: "rolling_back" } } },
};
