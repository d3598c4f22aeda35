/** Departments that nobody talks to: what the processes use when there is no work. */
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import { startInstallation } from "./harness/installation.ts";
import { type ProcessUse, readProcesses } from "./harness/processes.ts";
import { provision } from "./harness/provision.ts";
import { rounded } from "./harness/summary.ts";

const departmentsDefault = 20;
const secondsDefault = 60;
const settleSeconds = 10;
const targets = { corePercent: 2, rssMb: 150 };

export async function run(context: BenchContext): Promise<BenchResult> {
  const departments = context.departments ?? departmentsDefault;
  const seconds = context.seconds ?? secondsDefault;
  const installation = await startInstallation();
  try {
    for (let index = 0; index < departments; index += 4) {
      const slugs = Array.from(
        { length: Math.min(4, departments - index) },
        (_, one) => `idle-${index + one}`,
      );
      await Promise.all(slugs.map((slug) => provision(installation, slug)));
    }
    await Bun.sleep(settleSeconds * 1000);
    const before = await readProcesses(installation.pid);
    const startedAtMs = performance.now();
    await Bun.sleep(seconds * 1000);
    const after = await readProcesses(installation.pid);
    const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
    const uses = usesOf(before, after, elapsedSeconds);
    const title = `${departments} departments without work for ${seconds} s (target < 2 % of a core, RSS ≤ 150 MB each)`;
    const columns = ["process", "count", "% of a core, sum", "largest", "RSS MB, largest", "PSS MB, sum"];
    return {
      setup: { departments, seconds, settleSeconds, host: "local", targets },
      tables: [
        {
          title,
          columns,
          rows: (["web", "worker", "up", "agent", "postgres"] as const).map((kind) => rowOf(kind, uses)),
        },
      ],
      figures: uses,
    };
  } finally {
    await installation.stop();
  }
}

interface Idle extends ProcessUse {
  corePercent: number;
}

/** Processes that came or went meanwhile (Postgres workers) are counted by their parent. */
function usesOf(before: ProcessUse[], after: ProcessUse[], elapsedSeconds: number): Idle[] {
  const earlier = new Map(before.map((use) => [use.pid, use.cpuSeconds]));
  return after.map((use) => {
    const cpuSeconds = use.cpuSeconds - (earlier.get(use.pid) ?? 0);
    return {
      ...use,
      cpuSeconds: rounded(cpuSeconds),
      corePercent: rounded((100 * cpuSeconds) / elapsedSeconds),
    };
  });
}

function rowOf(kind: ProcessUse["kind"], uses: Idle[]): Cell[] {
  const mine = uses.filter((use) => use.kind === kind);
  const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
  const percents = mine.map((use) => use.corePercent);
  return [
    kind,
    String(mine.length),
    sum(percents),
    Math.max(...percents),
    Math.max(...mine.map((use) => use.rssMb)),
    sum(mine.map((use) => use.pssMb)),
  ];
}
