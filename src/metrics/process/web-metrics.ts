import type { Pools } from "../../db/pools.ts";
import { FederationError } from "../../errors.ts";
import { counter, type Family, gauge } from "../format.ts";
import { createEventLoop } from "./event-loop.ts";
import { createHistogram } from "./histogram.ts";

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

/** What this web process counts of itself; a process that starts again begins at zero. */
export interface WebMetrics {
  /** `route` is a pattern of the router, so that there are few. */
  request(request: { route: string; method: string; status: number; seconds: number }): void;
  /** Runs a question to the gateway and counts how it was decided and how long that took. */
  question<T>(ask: () => Promise<T>): Promise<T>;
  families(): Family[];
}

export function createWebMetrics(pools: Pools): WebMetrics {
  const requests = createHistogram({
    name: "federation_http_request_duration_seconds",
    help: "From a request to the begin of its answer, by route pattern, method and class of status.",
    buckets,
  });
  const questions = createHistogram({
    name: "federation_gateway_question_duration_seconds",
    help: "From a question to its answer or refusal, by decision.",
    buckets,
  });
  const eventLoop = createEventLoop();
  return {
    request: ({ route, method, status, seconds }) =>
      requests.observe(
        { route, method: knownMethod(method), status: `${Math.floor(status / 100)}xx` },
        seconds,
      ),
    async question(ask) {
      const startedAt = performance.now();
      const done = (decision: string) =>
        questions.observe({ decision }, (performance.now() - startedAt) / 1000);
      try {
        const answer = await ask();
        done("allowed");
        return answer;
      } catch (error) {
        done(decisionOf(error));
        throw error;
      }
    },
    families: () => [
      requests.family(),
      questions.family(),
      ...eventLoop(),
      ...poolFamilies(pools),
      ...processFamilies(),
    ],
  };
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Whoever sends may invent methods. */
const knownMethod = (method: string) => (methods.has(method) ? method : "other");

function decisionOf(error: unknown): string {
  if (!(error instanceof FederationError)) return "failed";
  if (error.code === "no_grant") return "denied";
  if (error.code === "rate_limited") return "limited";
  return error.code === "busy" ? "busy" : "failed";
}

function poolFamilies({ app, engine, gateway }: Pools): Family[] {
  const samples = Object.entries({ app, engine, gateway }).map(([pool, sql]) => ({
    labels: { pool },
    value: sql.options.max,
  }));
  return [
    gauge("federation_pool_connections_max", "Connections that this process may open, by pool.", samples),
  ];
}

function processFamilies(): Family[] {
  const { user, system } = process.cpuUsage();
  return [
    gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", [
      { value: Math.round(performance.timeOrigin) / 1000 },
    ]),
    gauge("process_resident_memory_bytes", "Memory of the process.", [{ value: process.memoryUsage.rss() }]),
    counter("process_cpu_seconds_total", "Processor time of the process.", [
      { value: (user + system) / 1e6 },
    ]),
  ];
}
