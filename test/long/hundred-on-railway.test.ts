import { expect, test } from "bun:test";
import { hundredOnRailway } from "../railway/hundred.ts";

const testMs = 900_000;
/** So fast that Railway's time is what is waited for, and not ours. */
const scaleOf = (workspaces: number) => (workspaces === 1 ? 20 : 6);
const faults = { rate504: 0.05, rateDropped: 0.05 };

for (const workspaces of [10, 1]) {
  const where = workspaces === 1 ? "one workspace" : `${workspaces} workspaces`;
  test(
    `100 departments at once in ${where} of Railway: none fails for its limits, each is told when it is ready, made once`,
    async () => {
      const result = await hundredOnRailway({ departments: 100, workspaces, scale: scaleOf(workspaces) });
      console.log(where, result);
      expect(result.etaErrors.last).toBeLessThan(0.1);
      expect(result.etaErrors.median).toBeLessThan(0.1);
    },
    testMs,
  );

  test(
    `the same in ${where} with answers that are lost and workers that are killed: each is made once`,
    async () => {
      const result = await hundredOnRailway({
        departments: 100,
        workspaces,
        scale: scaleOf(workspaces),
        faults,
        killEverySeconds: 4,
      });
      console.log(where, "with faults and kills", result);
      expect(result.kills).toBeGreaterThan(5);
      expect(result.etaErrors.last).toBeLessThan(0.1);
    },
    testMs,
  );
}
