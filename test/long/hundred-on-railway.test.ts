import { expect, test } from "bun:test";
import { hundredOnRailway } from "../railway/hundred.ts";

const testMs = 900_000;
const departments = 100;
// Wrong by some percent on a quiet machine; a busy one is late, and nobody knew. So fast that Railway's time is what is waited for, and not ours.
const scales = { one: 20, ten: 6 };

test(
  "100 departments at once in ten workspaces of Railway: none fails for its limits, each is told when it is ready, made once",
  async () => {
    const result = await hundredOnRailway({ departments, workspaces: 10, scale: scales.ten });
    console.log("ten workspaces", result);
    expect(result.etaErrors.median).toBeLessThan(0.5);
  },
  testMs,
);

test(
  "100 departments in one workspace, with answers that are lost and workers that are killed: none fails, each is made once",
  async () => {
    const faults = { rate504: 0.05, rateDropped: 0.05 };
    const kills = { faults, killEverySeconds: 4 };
    const result = await hundredOnRailway({ departments, workspaces: 1, scale: scales.one, ...kills });
    console.log("one workspace, faults and kills", result);
    expect(result.kills).toBeGreaterThan(5);
  },
  testMs,
);
