/**
 * One department from submit to active over HTTP, one after the other: `fed up` with its embedded Postgres, web, worker,
 * supervisor, a real agent each; n8n and Google not configured.
 */
import { z } from "zod";
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import { startInstallation } from "./harness/installation.ts";
import { provision } from "./harness/provision.ts";
import { percentile, rounded } from "./harness/summary.ts";

const warmUps = 3;
const departmentsDefault = 30;
const targets = { p50Seconds: 2, p95Seconds: 3 };

const timed = z.object({
  created_at: z.string(),
  completed_at: z.string(),
  steps: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      started_at: z.string().nullable(),
      duration_ms: z.number().nullable(),
    }),
  ),
});

export async function run(context: BenchContext): Promise<BenchResult> {
  const departments = context.departments ?? departmentsDefault;
  const installation = await startInstallation();
  const runs: (Run & { seconds: number })[] = [];
  try {
    for (let index = -warmUps; index < departments; index += 1) {
      const { seconds, status } = await provision(installation, `ready-${index + warmUps}`);
      if (index >= 0) runs.push({ seconds: rounded(seconds), ...timed.parse(status) });
    }
  } finally {
    await installation.stop();
  }
  const seconds = runs.map((one) => one.seconds);
  const steps = runs[0]?.steps.map(({ name }) => stepRow(name, runs)) ?? [];
  const total: Cell[] = [
    "POST to SSE `done`",
    ...[50, 95, 100].map((percent) => percentile(seconds, percent)),
  ];
  return {
    setup: { departments, warmUps, host: "local", targets },
    tables: [
      {
        title: `Submit to active, ${departments} departments one after the other (target p50 ≤ 2 s, p95 ≤ 3 s)`,
        columns: ["seconds", "p50", "p95", "max"],
        rows: [total],
      },
      { title: "Its steps", columns: ["step", "began ms after submit", "took ms, p50", "p95"], rows: steps },
    ],
    figures: { p50: percentile(seconds, 50), p95: percentile(seconds, 95), runs },
  };
}

type Run = z.infer<typeof timed>;

function stepRow(name: string, runs: Run[]): Cell[] {
  const mine = runs.flatMap((one) =>
    one.steps.filter((step) => step.name === name).map((step) => ({ ...step, submitted: one.created_at })),
  );
  const took = mine.map((step) => step.duration_ms ?? 0);
  const began = mine.map((step) => Date.parse(step.started_at ?? "") - Date.parse(step.submitted));
  return [name, percentile(began, 50), percentile(took, 50), percentile(took, 95)];
}
