export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Sums up a JUnit report of `bun test`. A run that failed without a failed test (a crash, a file that does not load,
 * no report at all) and a run without tests count as one failure.
 */
export function countResults(report: string, exitCode: number): Counts {
  const tag = /<testsuites\b[^>]*>/.exec(report)?.[0] ?? "";
  const attribute = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);
  const skipped = attribute("skipped");
  const failures = attribute("failures") + attribute("errors");
  const passed = Math.max(0, attribute("tests") - failures - skipped);
  const isBroken = failures === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: isBroken ? 1 : failures, skipped };
}
