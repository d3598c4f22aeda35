/** A series and its values, one a minute, in promtool's notation (`a+bxn`: n more, each b more). */
export type Series = readonly [series: string, values: string];

const always = (series: string, value: number): Series => [series, `${value}+0x120`];
const requests = (status: string, perMinute: number): Series => [
  `federation_http_request_duration_seconds_count{status="${status}",route="/healthz",method="GET"}`,
  `0+${perMinute}x120`,
];
const questions = (le: string, perMinute: number): Series => [
  `federation_gateway_question_duration_seconds_bucket{le="${le}",decision="allowed"}`,
  `0+${perMinute}x120`,
];

/** What is wrong in each rule's terms; some have a second web process that answers the same. */
export const firing: Readonly<Record<string, readonly Series[]>> = {
  FederationDown: [
    always('up{job="federation",instance="a"}', 0),
    always('up{job="federation",instance="b"}', 1),
  ],
  FederationMetricsMissing: [always('federation_metrics_group_up{group="runs"}', 0)],
  FederationAgentsUnhealthy: [
    always('federation_departments_health{status="healthy",instance="a"}', 94),
    always('federation_departments_health{status="unhealthy",instance="a"}', 6),
    always('federation_departments_health{status="healthy",instance="b"}', 94),
    always('federation_departments_health{status="unhealthy",instance="b"}', 6),
  ],
  FederationDepartmentUnhealthy: [always('federation_department_unhealthy{department="hr"}', 1)],
  FederationRunNotTaken: [always("federation_run_due_oldest_seconds", 61)],
  FederationRunStuck: [always('federation_run_oldest_seconds{kind="move",status="running"}', 7201)],
  FederationRunParked: [always('federation_runs{kind="move",status="failed"}', 1)],
  FederationTakeovers: [['federation_run_takeovers_total{kind="move"}', "0+1x120"]],
  FederationJobOld: [always('federation_job_oldest_seconds{queue="run"}', 301)],
  FederationJobsFailed: [always('federation_jobs{queue="run",state="failed"}', 1)],
  FederationCredentialsFailing: [
    always("federation_credentials_failing", 2),
    always('federation_credentials{status="active"}', 98),
    always('federation_credentials{status="needs_consent"}', 2),
  ],
  FederationCredentialExpired: [always("federation_credential_expiry_seconds", -1)],
  FederationBudgetBlocked: [always('federation_call_budget_blocked_seconds{budget="railway"}', 60)],
  FederationConnectionsHigh: [
    always('federation_pg_connections{instance="a"}', 81),
    always('federation_pg_connections_max{instance="a"}', 100),
  ],
  FederationAuditNotSealed: [
    always("federation_audit_unsealed_events", 1),
    always("federation_audit_checkpoint_age_seconds", 301),
  ],
  FederationAuditBroken: [always('federation_alerts_firing{name="audit_broken",severity="critical"}', 1)],
  FederationAlertFiring: [always('federation_alerts_firing{name="agent_down",severity="critical"}', 1)],
  FederationWebhooksLate: [always("federation_webhook_delivery_overdue_seconds", 601)],
  FederationWebhookEndpointOff: [always("federation_webhook_endpoints_off", 1)],
  FederationRolloutPaused: [always('federation_rollouts{status="paused"}', 1)],
  FederationErrors: [requests("2xx", 98), requests("5xx", 2)],
  FederationGatewaySlow: [questions("0.5", 98), questions("2.5", 100), questions("+Inf", 100)],
  FederationEventLoopLate: [
    always('federation_event_loop_delay_seconds{statistic="p99",instance="a"}', 0.21),
  ],
};

/** A platform in which all is well, just short of every bound. */
export const healthy: readonly Series[] = [
  always('up{job="federation",instance="a"}', 1),
  always('federation_metrics_group_up{group="runs"}', 1),
  always('federation_departments_health{status="healthy"}', 95),
  always('federation_departments_health{status="unhealthy"}', 5),
  // Nobody has looked at them yet.
  always('federation_departments_health{status="unknown"}', 50),
  always("federation_run_due_oldest_seconds", 60),
  always('federation_run_oldest_seconds{kind="move",status="running"}', 7200),
  // Parked, which has a rule of its own.
  always('federation_run_oldest_seconds{kind="move",status="failed"}', 72_000),
  always('federation_runs{kind="move",status="failed"}', 0),
  always('federation_run_takeovers_total{kind="move"}', 3),
  always('federation_job_oldest_seconds{queue="run"}', 300),
  always('federation_jobs{queue="run",state="failed"}', 0),
  always("federation_credentials_failing", 1),
  always('federation_credentials{status="active"}', 100),
  always("federation_credential_expiry_seconds", 1),
  always('federation_call_budget_blocked_seconds{budget="railway"}', 0),
  always("federation_pg_connections", 80),
  always("federation_pg_connections_max", 100),
  // Nothing happened for a day.
  always("federation_audit_unsealed_events", 0),
  always("federation_audit_checkpoint_age_seconds", 86_400),
  always("federation_webhook_delivery_overdue_seconds", 600),
  always("federation_webhook_endpoints_off", 0),
  always('federation_rollouts{status="succeeded"}', 1),
  requests("2xx", 99),
  requests("5xx", 1),
  questions("0.5", 100),
  questions("2.5", 100),
  questions("+Inf", 100),
  always('federation_event_loop_delay_seconds{statistic="p99",instance="a"}', 0.2),
];
